resource "aws_ecs_service" "rolling" {
  name            = "rolling"
  task_definition = "app:1"

  deployment_controller {
    type = "ECS"
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
}

resource "aws_ecs_service" "dynamic" {
  name            = "dynamic"
  task_definition = "app:1"

  dynamic "deployment_circuit_breaker" {
    for_each = [true]

    content {
      enable   = deployment_circuit_breaker.value
      rollback = true
    }
  }
}

# CodeDeploy has its own way back.
resource "aws_ecs_service" "blue_green" {
  name            = "blue-green"
  task_definition = "app:1"

  deployment_controller {
    type = "CODE_DEPLOY"
  }
}
