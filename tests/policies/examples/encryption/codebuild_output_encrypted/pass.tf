resource "aws_codebuild_project" "silent" {
  name         = "silent"
  service_role = "arn:aws:iam::123456789012:role/build"

  artifacts {
    type     = "S3"
    location = "artifacts"
  }

  logs_config {
    s3_logs {
      status   = "ENABLED"
      location = "logs/build"
    }
  }

  source {
    type      = "NO_SOURCE"
    buildspec = "version: 0.2"
  }

  environment {
    type         = "LINUX_CONTAINER"
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
  }
}
