terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "name" {
  description = "Name of the environment."
  type        = string
}

provider "aws" {
  default_tags {
    tags = {
      Environment = var.name
    }
  }
}

data "aws_caller_identity" "this" {}

resource "aws_ssm_parameter" "this" {
  name           = "/${var.name}/account"
  type           = "String"
  insecure_value = data.aws_caller_identity.this.account_id
}

output "caller" {
  description = "Who plans this."
  value       = data.aws_caller_identity.this.arn
}
