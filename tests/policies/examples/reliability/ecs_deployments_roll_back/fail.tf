resource "aws_ecs_service" "without" { # fails
  name            = "without"
  task_definition = "app:1"
}

resource "aws_ecs_service" "off" {
  name            = "off"
  task_definition = "app:1"

  deployment_circuit_breaker {
    enable   = false # fails
    rollback = true
  }
}

resource "aws_ecs_service" "stuck" {
  name            = "stuck"
  task_definition = "app:1"

  deployment_controller {
    type = "ECS"
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = false # fails
  }
}
