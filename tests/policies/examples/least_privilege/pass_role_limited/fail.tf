data "aws_iam_policy_document" "any" {
  statement { # fails
    actions   = ["ecs:RunTask", "iam:PassRole"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  statement { # fails
    actions   = ["iam:passrole"]
    resources = ["arn:aws:iam::123456789012:role/shop"]
  }

  # A service that does not say who it is gets the role, too.
  statement { # fails
    actions   = ["iam:PassRole"]
    resources = ["arn:aws:iam::123456789012:role/shop"]

    condition {
      test     = "StringEqualsIfExists"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_policy" "any" {
  policy = data.aws_iam_policy_document.any.json
}

resource "aws_iam_group_policy" "prefix" {
  group = "operators"
  policy = jsonencode({ # fails
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "iam:Pass*"
      Resource  = "arn:aws:iam::123456789012:role/shop-*"
      Condition = { StringLike = { "iam:PassedToService" = "*.amazonaws.com" } }
    }]
  })
}
