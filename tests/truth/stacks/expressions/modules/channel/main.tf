variable "name" {
  type = string
}

variable "retries" {
  type = number
}

locals {
  redrive = {
    deadLetterTargetArn = one(aws_sns_topic.dead[*].arn)
    maxReceiveCount     = var.retries
  }
}

resource "aws_sns_topic" "dead" {
  count = var.retries > 0 ? 1 : 0

  name_prefix = "${var.name}-dead-"
}

resource "aws_sns_topic" "this" {
  name_prefix = "${var.name}-"
}

resource "aws_ssm_parameter" "redrive" {
  name           = "/channels/${var.name}"
  type           = "String"
  insecure_value = jsonencode(local.redrive)
}

output "info" {
  value = {
    name = aws_sns_topic.this.name
    arn  = aws_sns_topic.this.arn
  }
}

output "dead" {
  value = aws_sns_topic.dead[*].arn
}

output "redrive" {
  value = aws_ssm_parameter.redrive
}
