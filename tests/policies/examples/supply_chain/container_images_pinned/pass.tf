resource "aws_ecr_repository" "this" {
  name = "kept"
}

resource "aws_ecs_task_definition" "tags" {
  family = "tags"

  container_definitions = jsonencode([
    { name = "app", image = "${aws_ecr_repository.this.repository_url}:1.4.2", memory = 512 },
    { name = "proxy", image = "registry.example.com:5000/library/nginx:1.27", memory = 128 },
  ])
}

resource "aws_ecs_task_definition" "digest" {
  family = "digest"

  container_definitions = <<-EOT
    [{
      "name": "app",
      "image": "nginx@sha256:4c0fdaa8b6341bfdeca5f18f7837462c80cff90527ee35ef185571e1c327beac",
      "memory": 128
    }]
  EOT
}

resource "aws_codebuild_project" "this" {
  name         = "kept"
  service_role = "arn:aws:iam::123456789012:role/build"

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    type         = "LINUX_CONTAINER"
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
  }

  source {
    type      = "NO_SOURCE"
    buildspec = "version: 0.2"
  }
}

# There is no image to name.
resource "aws_lambda_function" "zip" {
  function_name = "zip"
  role          = "arn:aws:iam::123456789012:role/function"
  runtime       = "python3.13"
  handler       = "main.handler"
  s3_bucket     = "code"
  s3_key        = "main.zip"
}

resource "aws_s3_object" "release" {
  bucket = "code"
  key    = "release"
}

resource "aws_lambda_function" "image" {
  function_name = "image"
  role          = "arn:aws:iam::123456789012:role/function"
  package_type  = "Image"
  image_uri     = "registry.example.com/app:${aws_s3_object.release.version_id}" # undecided
}

resource "aws_ecs_task_definition" "unknown" {
  family = "unknown"

  container_definitions = jsonencode([ # undecided
    { name = "app", image = "registry.example.com/app:${aws_s3_object.release.version_id}", memory = 128 },
  ])
}
