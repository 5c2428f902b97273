variable "ports" {
  type    = list(number)
  default = [8080]
}

resource "aws_elb" "this" {
  name    = "classic-fail"
  subnets = ["subnet-1"]

  listener {
    lb_port            = 443
    lb_protocol        = "https"
    instance_port      = 80
    instance_protocol  = "http"
    ssl_certificate_id = "arn:aws:acm:us-east-1:123456789012:certificate/1"
  }

  listener {
    lb_port           = 80
    lb_protocol       = "http" # fails
    instance_port     = 80
    instance_protocol = "http"
  }
}

resource "aws_elb" "many" {
  name    = "classic-many"
  subnets = ["subnet-1"]

  dynamic "listener" {
    for_each = var.ports

    content {
      lb_port           = listener.value
      lb_protocol       = "HTTP" # fails
      instance_port     = 80
      instance_protocol = "HTTP"
    }
  }
}
