data "aws_iam_policy_document" "all_but_iam" {
  statement { # fails
    not_actions = ["iam:*"]
    resources   = ["*"]
  }
}

resource "aws_iam_group_policy" "developers" {
  group  = "developers"
  policy = data.aws_iam_policy_document.all_but_iam.json
}

resource "aws_iam_role" "this" {
  assume_role_policy = jsonencode({ # fails
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", NotAction = "sts:TagSession", Principal = { Service = "ec2.amazonaws.com" } }]
  })

  inline_policy {
    name = "all-but-one"
    policy = jsonencode({ # fails
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "s3:GetObject", NotResource = "arn:aws:s3:::secrets/*" }]
    })
  }
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = "https://sqs.us-east-1.amazonaws.com/123456789012/orders"

  # below: fails
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "NotAction": "sqs:DeleteQueue",
        "Resource": "*"
      }
    }
  EOT
}
