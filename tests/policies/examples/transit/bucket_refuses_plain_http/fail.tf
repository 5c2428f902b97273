resource "aws_s3_bucket" "without" { # fails
  bucket = "http-without"
}

resource "aws_s3_bucket" "objects" { # fails
  bucket = "http-objects"
}

resource "aws_s3_bucket_policy" "objects" {
  bucket = aws_s3_bucket.objects.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = {
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = "arn:aws:s3:::http-objects/*"
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }
  })
}

resource "aws_s3_bucket" "bucket" { # fails
  bucket = "http-bucket"
}

resource "aws_s3_bucket_policy" "bucket" {
  bucket = aws_s3_bucket.bucket.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = {
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = "arn:aws:s3:::http-bucket"
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }
  })
}

# One folder is not all of its objects.
resource "aws_s3_bucket" "folder" { # fails
  bucket = "http-folder"
}

resource "aws_s3_bucket_policy" "folder" {
  bucket = aws_s3_bucket.folder.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = {
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::http-folder", "arn:aws:s3:::http-folder/logs/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }
  })
}

locals {
  close = {
    allow   = { Effect = "Allow" }
    who     = { Principal = { AWS = "arn:aws:iam::123456789012:root" } }
    what    = { Action = ["s3:GetObject", "s3:PutObject"] }
    when    = { Condition = { Bool = { "aws:SecureTransport" = "true" } } }
    further = { Condition = { Bool = { "aws:SecureTransport" = "false" }, IpAddress = { "aws:SourceIp" = "192.0.2.0/24" } } }
  }
}

resource "aws_s3_bucket" "close" { # fails in the plan
  for_each = local.close

  bucket = "http-close-${each.key}"
}

resource "aws_s3_bucket_policy" "close" {
  for_each = local.close

  bucket = aws_s3_bucket.close[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [merge({
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.close[each.key].arn, "${aws_s3_bucket.close[each.key].arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }, each.value)]
  })
}

resource "aws_ebs_volume" "later" {
  availability_zone = "us-east-1a"
  snapshot_id       = "snap-1"
}

resource "aws_s3_bucket" "later" {
  for_each = toset(["a"])

  bucket = "http-later-${each.key}"
}

resource "aws_s3_bucket_policy" "later" {
  for_each = aws_s3_bucket.later

  bucket = each.value.id
  policy = jsonencode({ # undecided
    Version = "2012-10-17"
    Statement = {
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [each.value.arn, "${each.value.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = aws_ebs_volume.later.encrypted } }
    }
  })
}

resource "aws_s3_bucket" "document" {
  for_each = toset(["b"])

  bucket = "http-later-${each.key}"
}

data "aws_iam_policy_document" "document" {
  for_each = aws_s3_bucket.document

  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value.arn, "${each.value.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [aws_ebs_volume.later.encrypted]
    }
  }
}

resource "aws_s3_bucket_policy" "document" {
  for_each = aws_s3_bucket.document

  bucket = each.value.id
  policy = data.aws_iam_policy_document.document[each.key].json # undecided
}
