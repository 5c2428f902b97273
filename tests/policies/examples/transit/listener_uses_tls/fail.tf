resource "aws_alb" "this" {
  name    = "listener-fail"
  subnets = ["subnet-1", "subnet-2"]
}

resource "aws_lb_target_group" "this" {
  name     = "listener-fail"
  vpc_id   = "vpc-1"
  protocol = "HTTP"
  port     = 8080
}

resource "aws_alb_listener" "forward" {
  for_each = toset(["80", "8080"])

  load_balancer_arn = aws_alb.this.arn
  protocol          = "HTTP"
  port              = each.key

  default_action {
    type             = "forward" # fails
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_lb_listener" "by_default" {
  load_balancer_arn = aws_alb.this.arn
  port              = 81

  default_action {
    type             = "forward" # fails
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_alb.this.arn
  protocol          = "HTTP"
  port              = 82

  default_action {
    type = "redirect"

    redirect { # fails
      port        = 8080
      status_code = "HTTP_302"
    }
  }
}

resource "aws_lb_listener_rule" "forward" {
  listener_arn = aws_lb_listener.redirect.arn

  action {
    type             = "forward" # fails
    target_group_arn = aws_lb_target_group.this.arn
  }

  condition {
    path_pattern {
      values = ["/api/*"]
    }
  }
}
