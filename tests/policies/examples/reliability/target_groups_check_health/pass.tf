resource "aws_lb_target_group" "web" {
  port     = 8080
  protocol = "HTTP"
  vpc_id   = "vpc-0123456789abcdef0"

  health_check {
    path                = "/health"
    interval            = 10
    unhealthy_threshold = 10
  }
}

resource "aws_alb_target_group" "defaults" {
  port     = 8080
  protocol = "HTTPS"
  vpc_id   = "vpc-0123456789abcdef0"

  health_check {
    path     = "/health"
    protocol = "HTTPS"
  }
}

# A connection is all that can be asked of these.
resource "aws_lb_target_group" "tcp" {
  port     = 5432
  protocol = "TCP"
  vpc_id   = "vpc-0123456789abcdef0"
}

resource "aws_lb_target_group" "tcp_with_block" {
  port     = 5432
  protocol = "TCP"
  vpc_id   = "vpc-0123456789abcdef0"

  health_check {
    protocol = "TCP"
  }
}

resource "aws_lb_target_group" "lambda" {
  target_type = "lambda"

  health_check {
    enabled  = false
    interval = 300
  }
}
