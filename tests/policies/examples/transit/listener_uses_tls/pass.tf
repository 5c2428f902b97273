variable "redirects" {
  type    = list(number)
  default = [443]
}

resource "aws_lb" "this" {
  name    = "listener-pass"
  subnets = ["subnet-1", "subnet-2"]
}

resource "aws_lb_target_group" "this" {
  name     = "listener-pass"
  vpc_id   = "vpc-1"
  protocol = "HTTP"
  port     = 8080
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTPS"
  port              = 443
  certificate_arn   = "arn:aws:acm:us-east-1:123456789012:certificate/1"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80

  default_action {
    type = "redirect"

    dynamic "redirect" {
      for_each = var.redirects

      content {
        protocol    = "HTTPS"
        port        = redirect.value
        status_code = "HTTP_301"
      }
    }
  }
}

resource "aws_lb_listener_rule" "health" {
  listener_arn = aws_lb_listener.redirect.arn

  action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "200"
    }
  }

  condition {
    path_pattern {
      values = ["/health"]
    }
  }
}

resource "aws_ebs_volume" "later" {
  availability_zone = "us-east-1a"
  snapshot_id       = "snap-1"
}

# Nobody knows yet to which of two listeners this belongs, and one has a rule of its own.
resource "aws_lb_listener_rule" "either" {
  listener_arn = aws_ebs_volume.later.encrypted ? aws_lb_listener.redirect.arn : aws_lb_listener.https.arn # undecided

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }

  condition {
    path_pattern {
      values = ["/either"]
    }
  }
}

resource "aws_lb" "network" {
  name               = "listener-network"
  load_balancer_type = "network"
  subnets            = ["subnet-1", "subnet-2"]
}

resource "aws_lb_listener" "tcp" {
  load_balancer_arn = aws_lb.network.arn
  protocol          = "TCP"
  port              = 443

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_lb" "gateway" {
  name               = "listener-gateway"
  load_balancer_type = "gateway"
  subnets            = ["subnet-1", "subnet-2"]
}

resource "aws_lb_listener" "gateway" {
  load_balancer_arn = aws_lb.gateway.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}
