resource "aws_elb" "this" {
  name    = "classic-pass"
  subnets = ["subnet-1"]

  listener {
    lb_port            = 443
    lb_protocol        = "https"
    instance_port      = 80
    instance_protocol  = "http"
    ssl_certificate_id = "arn:aws:acm:us-east-1:123456789012:certificate/1"
  }

  listener {
    lb_port           = 5432
    lb_protocol       = "TCP"
    instance_port     = 5432
    instance_protocol = "TCP"
  }
}
