resource "aws_ecs_cluster" "this" {
  name = "broken"
}

resource "aws_ecs_service" "unset" { # fails
  name            = "unset"
  cluster         = aws_ecs_cluster.this.id
  task_definition = "app:1"
}

resource "aws_ecs_service" "one" {
  for_each = toset(["api", "worker"])

  name            = each.key
  cluster         = "broken"
  task_definition = "app:1"
  desired_count   = 1 # fails
}

resource "aws_ecs_service" "scaled" {
  name            = "scaled"
  task_definition = "app:1"
  desired_count   = 4
}

resource "aws_appautoscaling_target" "scaled" {
  service_namespace  = "ecs"
  resource_id        = "service/default/${aws_ecs_service.scaled.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = 1 # fails
  max_capacity       = 4
}
