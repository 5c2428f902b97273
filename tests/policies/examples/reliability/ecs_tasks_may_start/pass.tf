resource "aws_lb_target_group" "this" {
  port        = 8080
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = "vpc-0123456789abcdef0"
}

resource "aws_ecs_service" "web" {
  name                              = "web"
  task_definition                   = "web:1"
  health_check_grace_period_seconds = 60

  load_balancer {
    target_group_arn = aws_lb_target_group.this.arn
    container_name   = "web"
    container_port   = 8080
  }
}

resource "aws_ecs_service" "worker" {
  name            = "worker"
  task_definition = "worker:1"
}
