variable "password" {
  type      = string
  sensitive = true
  default   = "of-an-example"
}

resource "aws_ecs_task_definition" "named" {
  family                = "plain-named"
  container_definitions = jsonencode([{ name = "app", image = "app", environment = [{ name = "DB_PASSWORD", value = "of-an-example" }] }]) # fails
}

resource "aws_ecs_task_definition" "sensitive" {
  family                = "plain-sensitive"
  container_definitions = jsonencode([{ name = "app", image = "app", environment = [{ name = "DATABASE", value = var.password }] }]) # fails in the plan
}

resource "aws_codebuild_project" "this" {
  name         = "plain-fail"
  service_role = "arn:aws:iam::123456789012:role/build"

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    type         = "LINUX_CONTAINER"
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"

    environment_variable {
      name  = "REGISTRY_LOGIN"
      type  = "PLAINTEXT"
      value = "https://robot:of-an-example@registry.example.com" # fails
    }

    environment_variable {
      name  = "githubToken"
      value = "of-an-example" # fails
    }
  }

  source {
    type      = "NO_SOURCE"
    buildspec = "buildspec.yml"
  }
}

resource "aws_lambda_function" "this" {
  function_name = "plain-fail"
  role          = "arn:aws:iam::123456789012:role/function"
  runtime       = "python3.13"
  handler       = "app.handler"
  s3_bucket     = "code"
  s3_key        = "app.zip"

  environment {
    variables = { # fails
      STRIPE = "Zm9yVGhlRXhhbXBsZTE5ODR+Qz7xKp3WvL"
    }
  }
}

resource "aws_lambda_function" "later" {
  function_name = "plain-later"
  role          = "arn:aws:iam::123456789012:role/function"
  runtime       = "python3.13"
  handler       = "app.handler"
  s3_bucket     = "code"
  s3_key        = "app.zip"

  environment {
    variables = { # undecided
      SECRET = aws_lambda_function.this.version
    }
  }
}
