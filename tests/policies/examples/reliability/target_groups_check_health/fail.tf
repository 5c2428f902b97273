resource "aws_lb_target_group" "without" { # fails
  port     = 8080
  protocol = "HTTP"
  vpc_id   = "vpc-0123456789abcdef0"
}

resource "aws_alb_target_group" "front_page" {
  port     = 8443
  protocol = "HTTPS"
  vpc_id   = "vpc-0123456789abcdef0"

  health_check { # fails
    protocol = "HTTPS"
    matcher  = "200"
  }
}

# The block's own default is HTTP.
resource "aws_lb_target_group" "tcp" {
  port     = 8080
  protocol = "TCP"
  vpc_id   = "vpc-0123456789abcdef0"

  health_check { # fails
    interval = 10
  }
}

resource "aws_lb_target_group" "slow" {
  port     = 8080
  protocol = "HTTP"
  vpc_id   = "vpc-0123456789abcdef0"

  health_check { # fails
    path                = "/health"
    interval            = 60
    unhealthy_threshold = 5
  }
}

resource "aws_lb_target_group" "slow_tcp" {
  port     = 5432
  protocol = "TCP"
  vpc_id   = "vpc-0123456789abcdef0"

  health_check { # fails
    protocol = "TCP"
    interval = 300
  }
}
