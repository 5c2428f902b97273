terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

data "aws_caller_identity" "this" {}

locals {
  account = data.aws_caller_identity.this.account_id
  teams = {
    red  = { buckets = ["raw"], writes = false }
    blue = { buckets = ["raw", "ready"], writes = true }
  }
}

resource "aws_s3_bucket" "this" {
  for_each = toset(["raw", "ready"])

  bucket = "truth-${each.key}-${local.account}"
}

resource "aws_kms_key" "this" {
  description = "truth"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Sid = "Root", Effect = "Allow", Action = "kms:*", Resource = "*", Principal = { AWS = "arn:aws:iam::${local.account}:root" } }],
      [for key, role in aws_iam_role.team : {
        Sid = title(key), Effect = "Allow", Action = ["kms:Decrypt"], Resource = "*", Principal = { AWS = role.arn }
      }],
    )
  })
}

data "aws_iam_policy_document" "trust" {
  for_each = local.teams

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.gate.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = ["${each.key}-${aws_iam_role.gate.unique_id}"]
    }
  }
}

resource "aws_iam_role" "gate" {
  name_prefix = "gate-"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }
  })
}

resource "aws_iam_role" "team" {
  for_each = local.teams

  name               = "team-${each.key}"
  path               = "/teams/"
  assume_role_policy = data.aws_iam_policy_document.trust[each.key].json
}

data "aws_iam_policy_document" "base" {
  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [for bucket in aws_s3_bucket.this : bucket.arn]
  }

  statement {
    sid       = "Topic"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.news.arn]
  }
}

data "aws_iam_policy_document" "team" {
  for_each = local.teams

  source_policy_documents = [data.aws_iam_policy_document.base.json]

  dynamic "statement" {
    for_each = each.value.buckets

    content {
      sid       = "Read${title(statement.value)}"
      actions   = each.value.writes ? ["s3:GetObject", "s3:PutObject"] : ["s3:GetObject"]
      resources = ["${aws_s3_bucket.this[statement.value].arn}/$${aws:username}/*"]
    }
  }

  override_policy_documents = each.value.writes ? [jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Topic", Effect = "Deny", Action = "sns:Publish", Resource = aws_sns_topic.news.arn }]
  })] : []
}

resource "aws_iam_role_policy" "team" {
  for_each = local.teams

  name   = "work"
  role   = aws_iam_role.team[each.key].id
  policy = data.aws_iam_policy_document.team[each.key].json
}

resource "aws_iam_policy" "shared" {
  count = 2

  name = "shared-${count.index}"
  policy = templatefile("${path.module}/shared.json.tftpl", {
    key     = aws_kms_key.this.arn
    queues  = [aws_sqs_queue.work.arn, "arn:aws:sqs:us-east-1:${local.account}:elsewhere"]
    number  = count.index
    buckets = values(aws_s3_bucket.this)[*].arn
  })
}

resource "aws_iam_role_policy_attachment" "shared" {
  for_each = { for pair in setproduct(keys(local.teams), range(2)) : "${pair[0]}-${pair[1]}" => pair }

  role       = aws_iam_role.team[each.value[0]].name
  policy_arn = aws_iam_policy.shared[each.value[1]].arn
}

module "reader" {
  source = "./modules/reader"

  for_each = { one = aws_s3_bucket.this["raw"], two = aws_s3_bucket.this["ready"] }

  name      = each.key
  resources = { bucket = each.value.arn, objects = "${each.value.arn}/*", queue = aws_sqs_queue.work.arn }
  boundary  = aws_iam_policy.shared[0].arn
}

resource "aws_s3_bucket_policy" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Readers"
        Effect    = "Allow"
        Action    = ["s3:GetObject"]
        Resource  = "${each.value.arn}/*"
        Principal = { AWS = [for reader in module.reader : reader.role.arn] }
        Condition = { StringEquals = { "s3:ExistingObjectTag/${aws_iam_role.gate.unique_id}" = "yes" } }
      },
      {
        Sid       = "OnlyThroughTeams"
        Effect    = "Deny"
        Action    = "s3:PutObject"
        Resource  = [each.value.arn, format("%s/*", each.value.arn)]
        Principal = "*"
        Condition = { ArnNotLike = { "aws:PrincipalArn" = [for role in aws_iam_role.team : role.arn] } }
      },
    ]
  })
}

resource "aws_sns_topic" "news" {
  name = "news"
}

resource "aws_sns_topic_policy" "news" {
  arn = aws_sns_topic.news.arn

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = aws_sns_topic.news.arn, Principal = { AWS = aws_iam_role.team["red"].arn } }]
  })
}

resource "aws_sqs_queue" "work" {
  name = "work-of-teams"
}

resource "aws_sqs_queue_policy" "work" {
  queue_url = aws_sqs_queue.work.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.work.arn
      Principal = { Service = "sns.amazonaws.com" }
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.news.arn } }
    }]
  })
}

resource "aws_sns_topic_subscription" "work" {
  topic_arn = aws_sns_topic.news.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.work.arn
}

resource "aws_ecr_repository" "this" {
  name = "truth"
}

resource "aws_ecr_repository_policy" "this" {
  repository = aws_ecr_repository.this.name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["ecr:BatchGetImage"], Principal = { AWS = aws_iam_role.gate.arn } }]
  })
}

resource "aws_iam_user" "robot" {
  name = "robot"
}

resource "aws_iam_user_policy" "robot" {
  user = aws_iam_user.robot.name

  policy = replace(data.aws_iam_policy_document.base.json, "s3:ListBucket", "s3:GetBucketLocation")
}

resource "aws_secretsmanager_secret" "this" {
  name_prefix = "truth-"
  kms_key_id  = aws_kms_key.this.key_id
}

resource "aws_secretsmanager_secret_policy" "this" {
  secret_arn = aws_secretsmanager_secret.this.arn

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = "*", Principal = { AWS = values(aws_iam_role.team)[*].arn } }]
  })
}
