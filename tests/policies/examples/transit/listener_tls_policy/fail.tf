locals {
  certificate = "arn:aws:acm:us-east-1:123456789012:certificate/1"
}

resource "aws_lb" "this" {
  name               = "tls-policy-fail"
  load_balancer_type = "network"
  subnets            = ["subnet-1", "subnet-2"]
}

resource "aws_lb_target_group" "this" {
  name     = "tls-policy-fail"
  vpc_id   = "vpc-1"
  protocol = "TCP"
  port     = 8080
}

resource "aws_lb_listener" "by_default" { # fails
  load_balancer_arn = aws_lb.this.arn
  protocol          = "TLS"
  port              = 443
  certificate_arn   = local.certificate

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_alb_listener" "old" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "TLS"
  port              = 444
  ssl_policy        = "ELBSecurityPolicy-FS-2018-06" # fails
  certificate_arn   = local.certificate

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_lb_listener" "older" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTPS"
  port              = 445
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-1-2021-06" # fails
  certificate_arn   = local.certificate

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_lb_listener" "strange" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "TLS"
  port              = 446
  ssl_policy        = "ELBSecurityPolicy-Strange" # undecided
  certificate_arn   = local.certificate

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}
