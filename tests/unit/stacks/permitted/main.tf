terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_s3_bucket" "documents" {
  bucket = "shop-dev-documents"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "documents" {
  bucket = aws_s3_bucket.documents.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_iam_role" "worker" {
  name_prefix = "shop-dev-worker-"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_ecs_task_definition" "worker" {
  family        = "shop-dev-worker"
  task_role_arn = aws_iam_role.worker.arn

  container_definitions = jsonencode([{ name = "worker", image = "worker", memory = 128, essential = true }])
}

resource "aws_cloudwatch_metric_alarm" "idle" {
  alarm_name          = "shop-dev-idle"
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  comparison_operator = "LessThanThreshold"
  evaluation_periods  = 1
  period              = 60
  statistic           = "Average"
  threshold           = 1
}

resource "aws_cloudwatch_log_group" "worker" {
  name              = "/shop-dev/worker"
  retention_in_days = 30
  tags              = { environment = "dev" }
}
