# What is there after one apply, and changes with the variable: updated, replaced, made, deleted, left alone.
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "changed" {
  type = bool
}

provider "aws" {}

resource "aws_cloudwatch_log_group" "kept" {
  name = "/kept"
}

resource "aws_cloudwatch_log_group" "updated" {
  name              = "/updated"
  retention_in_days = var.changed ? 7 : 14
}

resource "aws_cloudwatch_log_group" "replaced" {
  name = var.changed ? "/new" : "/old"
}

resource "aws_cloudwatch_log_group" "deleted" {
  count = var.changed ? 0 : 1
  name  = "/deleted"
}

resource "aws_cloudwatch_log_group" "made" {
  count = var.changed ? 1 : 0
  name  = "/made"
}

resource "aws_ssm_parameter" "arns" {
  name = "/arns"
  type = "String"
  insecure_value = join(" ", concat([
    aws_cloudwatch_log_group.kept.arn,
    aws_cloudwatch_log_group.updated.arn,
    aws_cloudwatch_log_group.replaced.arn,
  ], aws_cloudwatch_log_group.made[*].arn))
}

resource "terraform_data" "kept" {
  input = "${aws_cloudwatch_log_group.kept.arn} ${aws_ssm_parameter.arns.version}"
}
