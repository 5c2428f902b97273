resource "aws_ecr_repository" "this" {
  name = "broken"
}

resource "aws_ecs_task_definition" "latest" {
  family = "latest"

  container_definitions = jsonencode([ # fails
    { name = "app", image = "nginx:1.27", memory = 128 },
    { name = "proxy", image = "nginx:latest", memory = 128 },
  ])
}

resource "aws_ecs_task_definition" "without" {
  family = "without"

  container_definitions = jsonencode([ # fails in the plan
    { name = "app", image = aws_ecr_repository.this.repository_url, memory = 512 },
  ])
}

resource "aws_ecs_task_definition" "port" {
  family = "port"

  # below: fails
  container_definitions = <<-EOT
    [{"name": "app", "image": "registry.example.com:5000/app", "memory": 128}]
  EOT
}

resource "aws_ecs_task_definition" "stable" {
  family = "stable"

  container_definitions = jsonencode([ # fails
    { name = "log", image = "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable", memory = 128 },
  ])
}

resource "aws_codebuild_project" "this" {
  name         = "broken"
  service_role = "arn:aws:iam::123456789012:role/build"

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    type         = "LINUX_CONTAINER"
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "public.ecr.aws/docker/library/python" # fails
  }

  source {
    type      = "NO_SOURCE"
    buildspec = "version: 0.2"
  }
}

resource "aws_lambda_function" "this" {
  for_each = toset(["api", "worker"])

  function_name = each.key
  role          = "arn:aws:iam::123456789012:role/function"
  package_type  = "Image"
  image_uri     = "${aws_ecr_repository.this.repository_url}:latest" # fails in the plan
}
