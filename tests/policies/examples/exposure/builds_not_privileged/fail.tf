resource "aws_codebuild_project" "this" {
  name         = "privileged-fail"
  service_role = "arn:aws:iam::123456789012:role/build"

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    type            = "LINUX_CONTAINER"
    compute_type    = "BUILD_GENERAL1_SMALL"
    image           = "aws/codebuild/standard:7.0"
    privileged_mode = true # fails
  }

  source {
    type      = "NO_SOURCE"
    buildspec = "buildspec.yml"
  }
}
