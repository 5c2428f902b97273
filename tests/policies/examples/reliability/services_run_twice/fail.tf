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

# Autoscaling that may be for it starts no second task, either.
resource "aws_ecs_service" "perhaps" {
  name            = "perhaps"
  task_definition = "app:1"
  desired_count   = 1 # fails
}

resource "terraform_data" "cluster" {
  input = "default"
}

resource "aws_appautoscaling_target" "perhaps" {
  service_namespace  = "ecs"
  resource_id        = "service/${terraform_data.cluster.output}/${aws_ecs_service.perhaps.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = 1
  max_capacity       = 4
}

# This is for the service of another cluster.
resource "aws_appautoscaling_target" "other" {
  service_namespace  = "ecs"
  resource_id        = "service/other/unset"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = 2
  max_capacity       = 4
}
