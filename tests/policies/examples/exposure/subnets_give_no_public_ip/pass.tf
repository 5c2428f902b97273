resource "aws_subnet" "this" {
  for_each = toset(["10.0.1.0/24", "10.0.2.0/24"])

  vpc_id     = "vpc-1"
  cidr_block = each.key
}

resource "aws_default_subnet" "this" {
  availability_zone       = "us-east-1a"
  map_public_ip_on_launch = false
}
