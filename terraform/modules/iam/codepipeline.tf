data "aws_iam_policy_document" "codepipeline" {
  statement {
    sid       = "FindArtifactBucket"
    actions   = ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"]
    resources = [local.artifact_bucket_arn]
  }

  statement {
    sid       = "ExchangeArtifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["${local.artifact_bucket_arn}/*"]
  }

  statement {
    sid       = "EncryptArtifacts"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
    resources = [var.artifact_kms_key_arn]
  }

  statement {
    sid       = "RunBuild"
    actions   = ["codebuild:BatchGetBuilds", "codebuild:StartBuild"]
    resources = [local.build_project_arn]
  }

  statement {
    sid       = "DeployService"
    actions   = ["ecs:DescribeServices", "ecs:UpdateService"]
    resources = [local.service_arn]
  }

  # ecs:DescribeTaskDefinition has no resource type to name.
  statement {
    sid       = "ReadTaskDefinitions"
    actions   = ["ecs:DescribeTaskDefinition"]
    resources = ["*"]
  }

  statement {
    sid       = "RegisterRevisions"
    actions   = ["ecs:RegisterTaskDefinition"]
    resources = [local.task_definition_arns]
  }

  # A new revision inherits the tags of the one before it.
  statement {
    sid       = "TagRevisions"
    actions   = ["ecs:TagResource"]
    resources = [local.task_definition_arns]

    condition {
      test     = "StringEquals"
      variable = "ecs:CreateAction"
      values   = ["RegisterTaskDefinition"]
    }
  }

  statement {
    sid       = "GiveTasksTheirRoles"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.task_execution.arn, aws_iam_role.task.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  # CodeConnections was called CodeStar Connections: which name authorizes depends
  # on the age of the connection.
  dynamic "statement" {
    for_each = var.github_connection_arn == null ? [] : [var.github_connection_arn]

    content {
      sid       = "ReadSource"
      actions   = ["codeconnections:UseConnection", "codestar-connections:UseConnection"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role" "codepipeline" {
  name               = "${var.name}-codepipeline"
  description        = "Lets the pipeline fetch the source, run the build and deploy the service."
  assume_role_policy = data.aws_iam_policy_document.assume_role["codepipeline"].json
}

resource "aws_iam_role_policy" "codepipeline" {
  name   = "deliver"
  role   = aws_iam_role.codepipeline.id
  policy = data.aws_iam_policy_document.codepipeline.json
}
