resource "aws_ecs_task_definition" "by_default" {
  family                = "efs-by-default"
  container_definitions = jsonencode([{ name = "app", image = "app" }])

  volume {
    name = "files"

    efs_volume_configuration { # fails
      file_system_id = "fs-1"
    }
  }
}

resource "aws_ecs_task_definition" "disabled" {
  family                = "efs-disabled"
  container_definitions = jsonencode([{ name = "app", image = "app" }])

  dynamic "volume" {
    for_each = ["fs-1"]

    content {
      name = "files"

      efs_volume_configuration {
        file_system_id     = volume.value
        transit_encryption = "DISABLED" # fails
      }
    }
  }
}
