terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }

  backend "s3" {
    use_lockfile = true
  }
}

variable "text" {
  description = "What the parameter holds."
  type        = string
}

resource "aws_ssm_parameter" "this" {
  name           = "/deployed"
  type           = "String"
  insecure_value = var.text
}
