locals {
  certificate = "arn:aws:acm:us-east-1:123456789012:certificate/1"
  policies = {
    443 = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
    444 = "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09"
    445 = "ELBSecurityPolicy-TLS-1-2-2017-01"
    446 = "ELBSecurityPolicy-FS-1-2-Res-2020-10"
  }
}

resource "aws_lb" "this" {
  name    = "tls-policy-pass"
  subnets = ["subnet-1", "subnet-2"]
}

resource "aws_lb_listener" "https" {
  for_each = local.policies

  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTPS"
  port              = each.key
  ssl_policy        = each.value
  certificate_arn   = local.certificate

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "200"
    }
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTP"
  port              = 80

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}
