resource "aws_iam_role" "task" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

data "aws_iam_policy_document" "deploy" {
  statement {
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.task.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  statement {
    actions   = ["iam:GetRole"]
    resources = ["*"]
  }

  statement {
    effect    = "Deny"
    actions   = ["iam:PassRole"]
    resources = ["arn:aws:iam::123456789012:role/admin*"]
  }
}

resource "aws_iam_role_policy" "deploy" {
  role   = "deployer"
  policy = data.aws_iam_policy_document.deploy.json
}
