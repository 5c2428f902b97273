resource "aws_ecs_task_definition" "this" {
  family                = "privileged-pass"
  container_definitions = jsonencode([{ name = "app", image = "app" }, { name = "log", image = "log", privileged = false }])
}
