resource "aws_subnet" "this" {
  vpc_id                  = "vpc-1"
  cidr_block              = "10.0.1.0/24"
  map_public_ip_on_launch = true # fails
}

resource "aws_default_subnet" "this" { # fails
  availability_zone = "us-east-1a"
}
