resource "aws_secretsmanager_secret" "this" {
  name = "plain-pass"
}

resource "terraform_data" "this" {
  input = { url = "postgres://app@db.example.com/app", number = 1 }
}

resource "terraform_data" "replica" {
  count = 2
  input = { url = "postgres://app@replica-${count.index}.example.com/app" }
}

resource "aws_ecr_repository" "this" {
  name = "plain-pass"
}

resource "aws_ecs_task_definition" "this" {
  family = "plain-pass"

  container_definitions = jsonencode([
    {
      name  = "app"
      image = "app"
      environment = [
        { name = "PORT", value = "8080" },
        { name = "API_KEY", value = "" },
        { name = "REQUIRE_PASSWORD", value = "true" },
        { name = "DB_SECRET", value = aws_secretsmanager_secret.this.arn },
        { name = "SECRET_NAME", value = aws_secretsmanager_secret.this.name },
        { name = "SIGNING_KEY", value = "/app/signing-key" },
        { name = "DATABASE_URL", value = "postgres://app@db.example.com/app" },
        { name = "IMAGE_DIGEST", value = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
        { name = "POLICY", value = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06" },
      ]
      secrets = [{ name = "DB_PASSWORD", valueFrom = aws_secretsmanager_secret.this.arn }]
    },
    { name = "log", image = "log" },
  ])
}

resource "aws_codebuild_project" "this" {
  name         = "plain-pass"
  service_role = "arn:aws:iam::123456789012:role/build"

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    type         = "LINUX_CONTAINER"
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"

    environment_variable {
      name  = "STAGE"
      value = "test"
    }

    environment_variable {
      name  = "REPOSITORY"
      value = aws_ecr_repository.this.repository_url
    }

    environment_variable {
      name  = "DATABASE_URL"
      value = terraform_data.this.output.url
    }

    environment_variable {
      name  = "REPLICA_URL"
      value = terraform_data.replica[terraform_data.this.output.number].output.url # undecided
    }

    environment_variable {
      name  = "GITHUB_TOKEN"
      type  = "SECRETS_MANAGER"
      value = "github:token"
    }
  }

  source {
    type      = "NO_SOURCE"
    buildspec = "buildspec.yml"
  }
}

resource "aws_lambda_function" "this" {
  function_name = "plain-pass"
  role          = "arn:aws:iam::123456789012:role/function"
  runtime       = "python3.13"
  handler       = "app.handler"
  s3_bucket     = "code"
  s3_key        = "app.zip"

  environment {
    variables = {
      TABLE         = "items"
      REFRESH_TOKEN = null
      ROTATE_SECRET = true
    }
  }
}

resource "aws_lambda_function" "without" {
  function_name = "plain-without"
  role          = "arn:aws:iam::123456789012:role/function"
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1"
}
