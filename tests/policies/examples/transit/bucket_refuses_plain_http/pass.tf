resource "aws_s3_bucket" "document" {
  for_each = toset(["a", "b"])

  bucket_prefix = "http-${each.key}-"
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
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "document" {
  for_each = aws_s3_bucket.document

  bucket = each.value.id
  policy = data.aws_iam_policy_document.document[each.key].json
}

resource "aws_s3_bucket" "json" {
  bucket = "http-json"
}

resource "aws_s3_bucket_policy" "json" {
  bucket = aws_s3_bucket.json.bucket
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::http-json/*"
      },
      {
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "*"
        Resource  = "arn:aws:s3:::http-json/*"
        Condition = { StringNotEquals = { "AWS:SecureTransport" = "true" } }
      },
      {
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:Get*", "s3:*"]
        Resource  = "arn:aws:s3:::http-json"
        Condition = { BoolIfExists = { "aws:SecureTransport" = false } }
      },
    ]
  })
}

resource "aws_s3_bucket" "inline" {
  bucket = "http-inline"

  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "S3:*",
        "Resource": "arn:aws:s3:::http-inline*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}
      }
    }
  EOT
}
