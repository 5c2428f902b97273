resource "aws_kms_key" "this" {
  enable_key_rotation = true
}

resource "aws_s3_bucket" "silent" { # fails
  bucket = "broken-silent"
}

resource "aws_s3_bucket" "managed" {
  bucket = "broken-managed"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "managed" {
  bucket = aws_s3_bucket.managed.id

  rule {
    apply_server_side_encryption_by_default { # fails
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket" "plain" {
  bucket = "broken-plain"

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256" # fails
      }
    }
  }
}

resource "aws_codepipeline" "silent" {
  name     = "silent"
  role_arn = "arn:aws:iam::123456789012:role/pipeline"

  artifact_store { # fails
    type     = "S3"
    location = aws_s3_bucket.silent.bucket
  }

  stage {
    name = "Source"

    action {
      name             = "Push"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      output_artifacts = ["source"]

      configuration = {
        ConnectionArn    = "arn:aws:codestar-connections:us-east-1:123456789012:connection/abc"
        FullRepositoryId = "app/app"
        BranchName       = "main"
      }
    }
  }

  stage {
    name = "Build"

    action {
      name            = "Image"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["source"]

      configuration = {
        ProjectName = "image"
      }
    }
  }
}

resource "aws_codepipeline" "managed" {
  name     = "managed"
  role_arn = "arn:aws:iam::123456789012:role/pipeline"

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.managed.id

    encryption_key {
      type = "KMS"
      id   = "arn:aws:kms:us-east-1:123456789012:alias/aws/s3" # fails
    }
  }

  stage {
    name = "Source"

    action {
      name             = "Push"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      output_artifacts = ["source"]

      configuration = {
        ConnectionArn    = "arn:aws:codestar-connections:us-east-1:123456789012:connection/abc"
        FullRepositoryId = "app/app"
        BranchName       = "main"
      }
    }
  }

  stage {
    name = "Build"

    action {
      name            = "Image"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["source"]

      configuration = {
        ProjectName = "image"
      }
    }
  }
}

resource "aws_codepipeline" "plain" {
  name     = "plain"
  role_arn = "arn:aws:iam::123456789012:role/pipeline"

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.plain.id

    encryption_key {
      type = "KMS"
      id   = aws_kms_key.this.arn
    }
  }

  stage {
    name = "Source"

    action {
      name             = "Push"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      output_artifacts = ["source"]

      configuration = {
        ConnectionArn    = "arn:aws:codestar-connections:us-east-1:123456789012:connection/abc"
        FullRepositoryId = "app/app"
        BranchName       = "main"
      }
    }
  }

  stage {
    name = "Build"

    action {
      name            = "Image"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["source"]

      configuration = {
        ProjectName = "image"
      }
    }
  }
}
