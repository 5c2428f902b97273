resource "aws_ecs_task_definition" "this" {
  family                = "efs-pass"
  container_definitions = jsonencode([{ name = "app", image = "app" }])

  volume {
    name = "tmp"
  }

  volume {
    name = "files"

    efs_volume_configuration {
      file_system_id     = "fs-1"
      transit_encryption = "ENABLED"
    }
  }
}
