resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "this" {
  for_each = { public = "10.0.1.0/24", private = "10.0.2.0/24" }

  vpc_id            = aws_vpc.this.id
  availability_zone = "us-east-1a"
  cidr_block        = each.value
}

resource "aws_lb" "mapped" { # fails in the plan
  load_balancer_type = "network"

  dynamic "subnet_mapping" {
    for_each = aws_subnet.this

    content {
      subnet_id = subnet_mapping.value.id
    }
  }
}

resource "aws_alb" "single" {
  load_balancer_type = "network"
  subnets            = [aws_subnet.this["public"].id] # fails
}

resource "aws_ecs_service" "same_zone" {
  name            = "same-zone"
  task_definition = "app:1"

  network_configuration {
    subnets = values(aws_subnet.this)[*].id # fails in the plan
  }
}

resource "aws_autoscaling_group" "elsewhere" {
  min_size            = 2
  max_size            = 2
  vpc_zone_identifier = ["subnet-0123456789abcdef0"] # fails

  launch_template {
    name = "app"
  }
}
