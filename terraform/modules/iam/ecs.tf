data "aws_iam_policy_document" "task_execution" {
  # ecr:GetAuthorizationToken has no resource type to name.
  statement {
    sid       = "LogInToRegistry"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid       = "PullImage"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [var.ecr_repository_arn]
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.task_log_group_arn}:*"]
  }

  statement {
    sid       = "ReadSecrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = var.task_secret_arns
  }

  statement {
    sid       = "DecryptSecrets"
    actions   = ["kms:Decrypt"]
    resources = var.task_secret_kms_key_arns

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:SecretARN"
      values   = var.task_secret_arns
    }
  }
}

resource "aws_iam_role" "task_execution" {
  name               = "${var.name}-task-execution"
  description        = "Lets ECS pull the image, read the task's secrets and write its logs."
  assume_role_policy = data.aws_iam_policy_document.assume_role["ecs-tasks"].json
}

resource "aws_iam_role_policy" "task_execution" {
  name   = "start-task"
  role   = aws_iam_role.task_execution.id
  policy = data.aws_iam_policy_document.task_execution.json
}

# The application calls no AWS API. A role without a policy says so, and a stolen
# task credential is worth nothing.
resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  description        = "Identity of the application; deliberately without permissions."
  assume_role_policy = data.aws_iam_policy_document.assume_role["ecs-tasks"].json
}
