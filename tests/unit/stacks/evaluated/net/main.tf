variable "vpc" {}

variable "key" {
  type = string
}

resource "aws_security_group" "this" {
  name   = var.key
  vpc_id = var.vpc.id
}

data "aws_security_group" "late" {
  id = aws_security_group.this.id
}

output "group" {
  value = data.aws_security_group.late.id
}
