resource "aws_s3_bucket" "this" {}

data "aws_iam_policy_document" "all" {
  statement { # fails
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this.arn]
  }
}

resource "aws_iam_policy" "document" {
  policy = data.aws_iam_policy_document.all.json
}

resource "aws_iam_user_policy" "text" {
  user = "robot"

  # below: fails
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": {"Effect": "Allow", "Action": ["s3:GetObject", "*"], "Resource": "${aws_s3_bucket.this.arn}"}
    }
  EOT
}

resource "aws_iam_group_policy" "each" {
  for_each = toset(["S3:*", "*:*", "dynamodb:**"])

  group = "writers"

  policy = jsonencode({ # fails
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = each.key, Resource = "arn:aws:s3:::shop/*" }]
  })
}

resource "aws_iam_role" "this" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } },
    ]
  })

  inline_policy {
    name = "inline"
    policy = jsonencode({ # fails
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }]
    })
  }
}
