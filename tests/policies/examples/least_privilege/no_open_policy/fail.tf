data "aws_caller_identity" "current" {}

resource "aws_iam_role" "everybody" {
  assume_role_policy = jsonencode({ # fails
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "*" } }]
  })
}

# Whoever knows the id is let in; in a plan of HCL alone nobody knows whose account it is.
resource "aws_iam_role" "account" {
  for_each = toset(["arn:aws:iam::999988887777:root", "999988887777"])

  assume_role_policy = jsonencode({ # fails in the plan
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = each.key } }]
  })
}

# An id that strangers can send as well does not say who they are.
resource "aws_iam_role" "secret" {
  assume_role_policy = jsonencode({ # fails
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "*" }
      Condition = { StringEquals = { "sts:ExternalId" = "shop" } }
    }]
  })
}

resource "aws_sns_topic" "inline" {
  # below: fails
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "true"}}
      }
    }
  EOT
}

data "aws_iam_policy_document" "queue" {
  statement { # fails
    actions   = ["sqs:ReceiveMessage"]
    resources = ["arn:aws:sqs:us-east-1:123456789012:orders"]

    not_principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:role/guest"]
    }
  }

  statement { # fails
    actions   = ["sqs:ReceiveMessage"]
    resources = ["arn:aws:sqs:us-east-1:123456789012:orders"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:aws:sns:us-east-1:*:orders"]
    }
  }

  statement { # fails
    actions   = ["sqs:ReceiveMessage"]
    resources = ["arn:aws:sqs:us-east-1:123456789012:orders"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "IpAddress"
      variable = "aws:SourceIp"
      values   = ["0.0.0.0/0"]
    }
  }

  # Sending is denied to others, receiving is not.
  statement { # fails
    actions   = ["sqs:ReceiveMessage"]
    resources = ["arn:aws:sqs:us-east-1:123456789012:orders"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }

  statement {
    effect    = "Deny"
    actions   = ["sqs:SendMessage"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalOrgID"
      values   = ["o-a1b2c3d4e5"]
    }
  }
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = "https://sqs.us-east-1.amazonaws.com/123456789012/orders"
  policy    = data.aws_iam_policy_document.queue.json
}

data "aws_iam_policy_document" "of_any_service" {
  statement { # fails
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = ["123456789012"]
    }
  }
}

resource "aws_iam_role" "of_any_service" {
  assume_role_policy = data.aws_iam_policy_document.of_any_service.json
}

# Whoever logs in without a second factor is no smaller crowd.
resource "aws_iam_role" "without_mfa" {
  assume_role_policy = jsonencode({ # fails in the plan
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::999988887777:root" }
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
}

# Half of the internet, and nearly every account.
data "aws_iam_policy_document" "wide" {
  statement { # fails
    actions   = ["sns:Publish"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "IpAddress"
      variable = "aws:SourceIp"
      values   = ["198.51.100.0/24", "128.0.0.0/1"]
    }
  }

  statement { # fails
    actions   = ["sns:Publish"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "NumericGreaterThan"
      variable = "aws:PrincipalAccount"
      values   = ["100000000000"]
    }
  }
}

resource "aws_sns_topic_policy" "wide" {
  arn    = "arn:aws:sns:us-east-1:123456789012:alarms"
  policy = data.aws_iam_policy_document.wide.json
}

# Denied to strangers is one action; allowed to them are others, and other objects.
data "aws_iam_policy_document" "all_others" {
  statement { # fails
    not_actions = ["s3:PutObject"]
    resources   = ["arn:aws:s3:::shop/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }

  statement { # fails
    actions       = ["s3:GetObject"]
    not_resources = ["arn:aws:s3:::shop/private"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }

  statement {
    effect    = "Deny"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::shop/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalOrgID"
      values   = ["o-a1b2c3d4e5"]
    }
  }
}

resource "aws_s3_bucket_policy" "all_others" {
  bucket = "shop"
  policy = data.aws_iam_policy_document.all_others.json
}
