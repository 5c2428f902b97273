terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "name" {
  type = string
}

variable "left" {
  type = string
}

variable "right" {
  type     = string
  nullable = false
}

resource "aws_ssm_parameter" "left" {
  name           = "/pairs/${var.name}"
  type           = "String"
  insecure_value = var.left
}

output "ends" {
  value = { left = aws_ssm_parameter.left.insecure_value, right = var.right }
}
