data "aws_iam_policy_document" "this" {
  statement { # fails
    sid       = "Anybody"
    actions   = ["kms:Decrypt"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:root", "*"]
    }
  }

  statement { # fails
    sid       = "AnybodyThroughS3"
    actions   = ["kms:Decrypt"]
    resources = ["*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.us-east-1.amazonaws.com"]
    }
  }

  statement { # fails
    sid       = "AnyRoleOfThatName"
    actions   = ["kms:Decrypt"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::123456789012:role/app", "arn:aws:iam::*:role/app"]
    }
  }
}

resource "aws_kms_key" "this" {
  policy = data.aws_iam_policy_document.this.json
}

resource "aws_kms_key_policy" "this" {
  key_id = aws_kms_key.this.id

  # below: fails
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:role/barred"},
          "Action": "kms:Decrypt",
          "Resource": "*"
        },
        {
          "Effect": "Allow",
          "Principal": "*",
          "Action": "kms:Encrypt",
          "Resource": "*",
          "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}}
        }
      ]
    }
  EOT
}

resource "terraform_data" "later" {
  input = timestamp()
}

resource "aws_kms_external_key" "this" {
  policy = jsonencode({ # undecided
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = terraform_data.later.output }
      Action    = "kms:Decrypt"
      Resource  = "*"
    }]
  })
}

# Whoever may use KMS in the other account may use the key.
resource "aws_kms_replica_key" "account" {
  primary_key_arn = "arn:aws:kms:us-west-2:123456789012:key/mrk-1234567890abcdef1234567890abcdef"

  policy = jsonencode({ # fails in the plan
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::999988887777:root" }
      Action    = "kms:Decrypt"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_replica_external_key" "numbers" {
  primary_key_arn = "arn:aws:kms:us-west-2:123456789012:key/mrk-1234567890abcdef1234567890abcdef"

  policy = jsonencode({ # fails
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "kms:Decrypt"
      Resource  = "*"
      Condition = { NumericGreaterThan = { "kms:CallerAccount" = "100000000000" } }
    }]
  })
}
