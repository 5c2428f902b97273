locals {
  github = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
}

resource "aws_iam_role" "audience_only" {
  assume_role_policy = jsonencode({ # fails
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud"   = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:actor" = "robot"
        }
      }
    }]
  })
}

data "aws_iam_policy_document" "loose" {
  # Every repository of GitHub.
  statement { # fails
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.github]
    }

    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:*"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
  }

  # Holds where there is no such claim at all.
  statement { # fails
    actions = ["sts:assumerolewithwebidentity"]

    principals {
      type        = "Federated"
      identifiers = [local.github]
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:shop/shop:ref:refs/heads/main"]
    }
  }
}

resource "aws_iam_role" "loose" {
  assume_role_policy = data.aws_iam_policy_document.loose.json
}

# Others can have subjects like each of these.
data "aws_iam_policy_document" "owner" {
  dynamic "statement" { # fails in the plan
    for_each = ["repo*", "rep?:*", "repo:shop*", "organization:s*:project:a", "system:serviceaccount:*", "{*}:step"]

    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]

      principals {
        type        = "Federated"
        identifiers = [local.github]
      }

      condition {
        test     = "StringLike"
        variable = "token.actions.githubusercontent.com:sub"
        values   = [statement.value]
      }

      condition {
        test     = "StringEquals"
        variable = "token.actions.githubusercontent.com:aud"
        values   = ["sts.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role" "owner" {
  assume_role_policy = data.aws_iam_policy_document.owner.json
}

resource "aws_iam_role" "any_kind" {
  assume_role_policy = jsonencode({ # fails
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo*" }
      }
    }]
  })
}
