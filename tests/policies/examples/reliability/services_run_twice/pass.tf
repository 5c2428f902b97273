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

# The name of this cluster is known after an apply only, and autoscaling has the same.
resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_ecs_cluster" "later" {
  name = "later-${aws_vpc.this.id}"
}

resource "aws_ecs_service" "later" {
  name            = "later"
  cluster         = aws_ecs_cluster.later.id
  task_definition = "app:1"
}

resource "aws_appautoscaling_target" "later" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.later.name}/later"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = 2
  max_capacity       = 4
}

resource "terraform_data" "cluster" {
  input = "kept"
}

# Nothing can scale it but what does for certain.
resource "aws_appautoscaling_target" "again" {
  service_namespace  = "ecs"
  resource_id        = "service/${terraform_data.cluster.output}/${aws_ecs_service.later.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = 1
  max_capacity       = 4
}

resource "aws_ecs_service" "perhaps" {
  name            = "scaled-perhaps"
  cluster         = aws_ecs_cluster.this.id
  task_definition = "app:1"
  desired_count   = 1
}

resource "aws_appautoscaling_target" "perhaps" {
  service_namespace  = "ecs"
  resource_id        = "service/${terraform_data.cluster.output}/${aws_ecs_service.perhaps.name}" # undecided
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = 2
  max_capacity       = 4
}

resource "aws_ebs_volume" "later" {
  availability_zone = "us-east-1a"
  snapshot_id       = "snap-1"
}

# It is in one of two clusters.
resource "aws_ecs_service" "either" {
  name            = "either"
  cluster         = aws_ebs_volume.later.encrypted ? aws_ecs_cluster.this.id : aws_ecs_cluster.later.id
  task_definition = "app:1"
  desired_count   = 2
}

resource "aws_appautoscaling_target" "either" {
  service_namespace  = "ecs"
  resource_id        = "service/kept/either" # undecided
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = 1
  max_capacity       = 4
}

# This scales no service.
resource "aws_appautoscaling_target" "table" {
  service_namespace  = "dynamodb"
  resource_id        = terraform_data.cluster.output
  scalable_dimension = "dynamodb:table:ReadCapacityUnits"
  min_capacity       = 1
  max_capacity       = 4
}
