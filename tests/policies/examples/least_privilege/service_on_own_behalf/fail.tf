resource "aws_iam_role" "build" {
  assume_role_policy = jsonencode({ # fails
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codebuild.amazonaws.com" } }]
  })
}

# Every account has a schedule group of that name.
data "aws_iam_policy_document" "schedule" {
  statement { # fails
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:aws:scheduler:us-east-1:*:schedule-group/default"]
    }
  }

  statement { # undecided
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["medialive.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "schedule" {
  assume_role_policy = data.aws_iam_policy_document.schedule.json
}

resource "aws_sns_topic_policy" "uploads" {
  arn = "arn:aws:sns:us-east-1:123456789012:uploads"

  # below: fails
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": "arn:aws:sns:us-east-1:123456789012:uploads",
        "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}}
      }
    }
  EOT
}

resource "aws_s3_bucket" "logs" {
  policy = jsonencode({ # fails
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "arn:aws:s3:::logs/*"
      Condition = { StringEquals = { "s3:x-amz-acl" = "bucket-owner-full-control" } }
    }]
  })
}

resource "aws_sqs_queue_policy" "any_account" {
  queue_url = "https://sqs.us-east-1.amazonaws.com/123456789012/orders"

  policy = jsonencode({ # fails
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = "*"
      Condition = { NumericGreaterThan = { "aws:SourceAccount" = "100000000000" } }
    }]
  })
}

# No document of AWS names the conditions for a pipeline's role.
resource "aws_iam_role" "pipeline" {
  assume_role_policy = jsonencode({ # undecided
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codepipeline.amazonaws.com" } }]
  })
}
