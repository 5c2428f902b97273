resource "aws_s3_bucket" "plain" { # fails
  bucket = "broken-plain"
}

resource "aws_s3_bucket" "costly" {
  bucket = "broken-costly"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "costly" {
  bucket = aws_s3_bucket.costly.id

  rule { # fails
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket" "inline" {
  bucket = "broken-inline"

  server_side_encryption_configuration {
    rule {
      bucket_key_enabled = false # fails

      apply_server_side_encryption_by_default {
        sse_algorithm = "aws:kms"
      }
    }
  }
}
