resource "aws_iam_policy" "upload" {
  policy = jsonencode({ # fails
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "*" }]
  })
}

# Every queue of the account, though one account.
data "aws_iam_policy_document" "send" {
  statement { # fails
    actions   = ["sqs:Send*"]
    resources = ["arn:aws:sqs:*:123456789012:*"]
  }

  # Together they are all that a launch needs to name.
  statement { # fails
    actions = ["ec2:RunInstances"]
    resources = [
      "arn:aws:ec2:*::image/*",
      "arn:aws:ec2:*:*:instance/*",
      "arn:aws:ec2:*:*:network-interface/*",
      "arn:aws:ec2:*:*:security-group/*",
      "arn:aws:ec2:*:*:subnet/*",
    ]
  }

  dynamic "statement" { # fails in the plan
    for_each = ["ForAllValues:StringEquals", "StringEqualsIfExists", "StringNotEquals"]

    content {
      actions   = ["ecs:StopTask"]
      resources = ["*"]

      condition {
        test     = statement.value
        variable = "aws:ResourceTag/team"
        values   = ["shop"]
      }
    }
  }
}

resource "aws_iam_role_policy" "send" {
  role   = "sender"
  policy = data.aws_iam_policy_document.send.json
}

resource "aws_iam_role" "stop" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })

  inline_policy {
    name = "stop"

    # below: fails
    policy = <<-EOT
      {
        "Version": "2012-10-17",
        "Statement": [{
          "Effect": "Allow",
          "Action": "ec2:TerminateInstances",
          "Resource": "*",
          "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1", "ec2:Region": "us-east-1"}}
        }]
      }
    EOT
  }
}
