resource "aws_ecs_service" "this" {
  name                   = "exec-fail"
  task_definition        = "app:1"
  enable_execute_command = true # fails
}

resource "aws_ecs_service" "by_default" {
  name            = "exec-by-default-fail"
  task_definition = "app:1"
}

resource "aws_cloudwatch_event_target" "this" {
  rule     = "nightly"
  arn      = "arn:aws:ecs:us-east-1:123456789012:cluster/cluster"
  role_arn = "arn:aws:iam::123456789012:role/events"

  ecs_target {
    task_definition_arn    = "arn:aws:ecs:us-east-1:123456789012:task-definition/app:1"
    enable_execute_command = true # fails
  }
}

resource "aws_scheduler_schedule" "this" {
  schedule_expression = "rate(1 hour)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:aws:ecs:us-east-1:123456789012:cluster/cluster"
    role_arn = "arn:aws:iam::123456789012:role/scheduler"

    ecs_parameters {
      task_definition_arn    = "arn:aws:ecs:us-east-1:123456789012:task-definition/app:1"
      enable_execute_command = true # fails
    }
  }
}
