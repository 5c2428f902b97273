terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

variable "environment" {
  description = "Name of the environment, part of the bucket's name."
  type        = string
}

variable "kept_days" {
  description = "Days after which an archived document is deleted."
  type        = number

  validation {
    condition     = var.kept_days >= 30
    error_message = "Documents are kept for at least 30 days."
  }
}

data "aws_caller_identity" "current" {}

resource "aws_s3_bucket" "archive" {
  bucket = "archive-${var.environment}-${data.aws_caller_identity.current.account_id}"
}

resource "aws_s3_bucket_public_access_block" "archive" {
  bucket = aws_s3_bucket.archive.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "archive" {
  bucket = aws_s3_bucket.archive.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.kept_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.archive]
}

output "bucket_arn" {
  description = "ARN of the archive, known after apply."
  value       = aws_s3_bucket.archive.arn
}
