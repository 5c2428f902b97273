variable "vpc_id" {
  type = string
}

variable "zone" {
  type = string
}

variable "range" {
  type = string
}

resource "aws_subnet" "this" {
  vpc_id            = var.vpc_id
  availability_zone = var.zone
  cidr_block        = var.range
}

output "subnet" {
  value = aws_subnet.this
}
