locals {
  use_connection = var.github_connection_arn != null

  connection_source = tomap({
    ConnectionArn    = var.github_connection_arn
    FullRepositoryId = var.github_repository
    BranchName       = var.github_branch
    DetectChanges    = "true"
  })

  # Being told of a push would take a webhook registered at GitHub; the pipeline
  # asks GitHub instead.
  oauth_source = tomap({
    Owner                = split("/", var.github_repository)[0]
    Repo                 = split("/", var.github_repository)[1]
    Branch               = var.github_branch
    OAuthToken           = var.github_oauth_token
    PollForSourceChanges = "true"
  })
}

resource "aws_codepipeline" "this" {
  name          = var.name
  role_arn      = var.service_role_arn
  pipeline_type = "V2"

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.artifacts.id

    encryption_key {
      type = "KMS"
      id   = var.kms_key_arn
    }
  }

  stage {
    name = "Source"

    action {
      name             = "GitHub"
      category         = "Source"
      owner            = local.use_connection ? "AWS" : "ThirdParty"
      provider         = local.use_connection ? "CodeStarSourceConnection" : "GitHub"
      version          = "1"
      output_artifacts = ["source"]
      configuration    = local.use_connection ? local.connection_source : local.oauth_source
    }
  }

  stage {
    name = "Build"

    action {
      name             = "Image"
      category         = "Build"
      owner            = "AWS"
      provider         = "CodeBuild"
      version          = "1"
      input_artifacts  = ["source"]
      output_artifacts = ["image"]

      configuration = {
        ProjectName = var.build_project_name
      }
    }
  }

  stage {
    name = "Deploy"

    action {
      name            = "Service"
      category        = "Deploy"
      owner           = "AWS"
      provider        = "ECS"
      version         = "1"
      input_artifacts = ["image"]

      configuration = {
        ClusterName = var.cluster_name
        ServiceName = var.service_name
        FileName    = "imagedefinitions.json"
        # In minutes. The default of an hour would hide a deployment that the
        # circuit breaker rolled back long before.
        DeploymentTimeout = "15"
      }
    }
  }

  lifecycle {
    precondition {
      condition     = local.use_connection || var.github_oauth_token != null
      error_message = "The source needs github_connection_arn or github_oauth_token."
    }
  }

  depends_on = [aws_s3_bucket_policy.artifacts]
}
