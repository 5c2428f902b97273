# What moto alone can not apply, plan again without a change, and destroy.
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {}

variable "cluster" {
  type = string
}

variable "vpc" {
  type = string
}

variable "subnets" {
  type = list(string)
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codedeploy.amazonaws.com", "codepipeline.amazonaws.com", "states.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "delivery" {
  name               = "delivery"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_codepipeline" "delivery" {
  name     = "delivery"
  role_arn = aws_iam_role.delivery.arn

  artifact_store {
    location = "artifacts"
    type     = "S3"
  }

  stage {
    name = "Source"

    action {
      name             = "Source"
      category         = "Source"
      owner            = "AWS"
      provider         = "S3"
      version          = "1"
      output_artifacts = ["source"]
      configuration    = { S3Bucket = "sources", S3ObjectKey = "source.zip" }
    }
  }

  stage {
    name = "Deploy"

    action {
      name            = "Deploy"
      category        = "Deploy"
      owner           = "AWS"
      provider        = "CodeDeploy"
      version         = "1"
      input_artifacts = ["source"]
      configuration = {
        ApplicationName     = aws_codedeploy_app.servers.name
        DeploymentGroupName = aws_codedeploy_deployment_group.servers.deployment_group_name
      }
    }
  }
}

resource "aws_codedeploy_app" "servers" {
  name = "servers"
}

resource "aws_codedeploy_deployment_group" "servers" {
  app_name              = aws_codedeploy_app.servers.name
  deployment_group_name = "servers"
  service_role_arn      = aws_iam_role.delivery.arn
}

resource "aws_elasticache_subnet_group" "cache" {
  name       = "cache"
  subnet_ids = var.subnets
}

resource "aws_iam_user" "robot" {
  name          = "robot"
  force_destroy = true
}

resource "aws_ecs_task_definition" "worker" {
  family                = "worker"
  container_definitions = jsonencode([{ name = "worker", image = "worker", memory = 64, essential = true }])
}

resource "aws_ecs_service" "worker" {
  name                              = "worker"
  cluster                           = var.cluster
  task_definition                   = aws_ecs_task_definition.worker.arn
  desired_count                     = 0
  enable_ecs_managed_tags           = true
  health_check_grace_period_seconds = 30
}

resource "aws_security_group" "inner" {
  name   = "inner"
  vpc_id = var.vpc
}

resource "aws_vpc_security_group_ingress_rule" "itself" {
  security_group_id            = aws_security_group.inner.id
  referenced_security_group_id = aws_security_group.inner.id
  ip_protocol                  = "tcp"
  from_port                    = 80
  to_port                      = 80
  description                  = "Among its own"
}

resource "aws_sfn_state_machine" "nothing" {
  name     = "nothing"
  role_arn = aws_iam_role.delivery.arn
  definition = jsonencode({
    StartAt = "Nothing"
    States  = { Nothing = { Type = "Pass", End = true } }
  })
}
