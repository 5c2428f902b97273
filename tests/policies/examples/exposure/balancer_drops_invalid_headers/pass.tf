resource "aws_lb" "this" {
  name                       = "headers-pass"
  subnets                    = ["subnet-1", "subnet-2"]
  drop_invalid_header_fields = true
}

resource "aws_lb" "network" {
  name               = "headers-network"
  load_balancer_type = "network"
  subnets            = ["subnet-1", "subnet-2"]
}
