resource "aws_lb" "by_default" { # fails
  name    = "headers-by-default"
  subnets = ["subnet-1", "subnet-2"]
}

resource "aws_alb" "off" {
  name                       = "headers-off"
  load_balancer_type         = "application"
  subnets                    = ["subnet-1", "subnet-2"]
  drop_invalid_header_fields = false # fails
}
