data "aws_region" "current" {}

locals {
  registry   = split("/", var.ecr_repository_url)[0]
  repository = trimprefix(var.ecr_repository_url, "${local.registry}/")
}

resource "aws_cloudwatch_log_group" "this" {
  name              = var.log_group_name
  retention_in_days = var.log_retention_days
}

resource "aws_codebuild_project" "this" {
  name           = var.name
  description    = "Tests the application and pushes its image."
  service_role   = var.service_role_arn
  encryption_key = var.kms_key_arn
  build_timeout  = 20
  queued_timeout = 60

  source {
    type      = "CODEPIPELINE"
    buildspec = "buildspec.yml"
  }

  artifacts {
    type = "CODEPIPELINE"
  }

  environment {
    type         = "LINUX_CONTAINER"
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"

    # Building an image needs a Docker daemon, and a daemon needs this.
    privileged_mode = true

    environment_variable {
      name  = "AWS_REGION"
      value = data.aws_region.current.id
    }

    environment_variable {
      name  = "ECR_REGISTRY"
      value = local.registry
    }

    environment_variable {
      name  = "ECR_REPOSITORY"
      value = local.repository
    }
  }

  cache {
    type  = "LOCAL"
    modes = ["LOCAL_DOCKER_LAYER_CACHE"]
  }

  logs_config {
    cloudwatch_logs {
      group_name = aws_cloudwatch_log_group.this.name
    }
  }
}
