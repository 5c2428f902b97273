resource "aws_ecs_cluster" "this" {
  name = "kept"
}

resource "aws_ecs_service" "fixed" {
  name            = "fixed"
  cluster         = aws_ecs_cluster.this.id
  task_definition = "app:1"
  desired_count   = 2
}

# Autoscaling starts the second task at once.
resource "aws_ecs_service" "scaled" {
  name            = "scaled"
  cluster         = aws_ecs_cluster.this.arn
  task_definition = "app:1"
  desired_count   = 1
}

resource "aws_appautoscaling_target" "scaled" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.scaled.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = 2
  max_capacity       = 4
}

resource "aws_ecs_service" "everywhere" {
  name                = "everywhere"
  cluster             = aws_ecs_cluster.this.id
  task_definition     = "agent:1"
  scheduling_strategy = "DAEMON"
}
