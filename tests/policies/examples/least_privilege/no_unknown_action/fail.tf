data "aws_iam_policy_document" "misspelt" {
  statement { # fails
    actions   = ["s3:GetObject", "s3:ListObjects"]
    resources = ["arn:aws:s3:::shop/*"]
  }

  statement { # fails
    effect      = "Deny"
    not_actions = ["iam:Chanje*", "kms:Decrypt"]
    resources   = ["*"]
  }
}

resource "aws_iam_policy" "misspelt" {
  policy = data.aws_iam_policy_document.misspelt.json
}

resource "aws_iam_role" "this" {
  assume_role_policy = jsonencode({ # fails
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRoles", Principal = { Service = "ec2.amazonaws.com" } }]
  })

  inline_policy {
    name = "inline"

    # below: fails
    policy = <<-EOT
      {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "PutObject", "Resource": "arn:aws:s3:::shop/*"}
      }
    EOT
  }
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = "https://sqs.us-east-1.amazonaws.com/123456789012/orders"

  policy = jsonencode({ # fails
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sqs:Send"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
      Resource  = "*"
    }]
  })
}
