resource "aws_ecs_task_definition" "json" {
  family                = "privileged-json"
  container_definitions = jsonencode([{ name = "app", image = "app" }, { name = "log", image = "log", privileged = true }]) # fails
}

resource "aws_ecs_task_definition" "text" {
  family = "privileged-text"

  # below: fails
  container_definitions = <<-EOT
    [{"name": "app", "image": "app", "privileged": true}]
  EOT
}
