# What a plan does not keep: ephemeral values and write-only arguments; and data sources inside of checks.
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "asks" {
  type = bool
}

variable "token" {
  type      = string
  ephemeral = true
}

ephemeral "aws_secretsmanager_random_password" "this" {
  count = var.asks ? 1 : 0
}

resource "aws_ssm_parameter" "this" {
  name             = "/token"
  type             = "SecureString"
  value_wo         = var.asks ? ephemeral.aws_secretsmanager_random_password.this[0].random_password : var.token
  value_wo_version = 1
}

resource "terraform_data" "this" {
  input = aws_ssm_parameter.this.arn
}

check "now" {
  data "aws_sqs_queue" "now" {
    name = "other"
  }

  assert {
    condition     = data.aws_sqs_queue.now.arn == aws_ssm_parameter.this.arn
    error_message = "It is another."
  }
}

check "later" {
  data "aws_sqs_queue" "later" {
    name       = aws_ssm_parameter.this.arn
    depends_on = [aws_ssm_parameter.this]
  }

  assert {
    condition     = data.aws_sqs_queue.later.arn == aws_ssm_parameter.this.arn
    error_message = "It is not the same."
  }
}
