resource "aws_s3_bucket" "without" { # fails
  bucket = "broken-versions-without"
}

resource "aws_s3_bucket" "suspended" { # fails
  bucket = "broken-versions-suspended"
}

resource "aws_s3_bucket_versioning" "suspended" {
  bucket = aws_s3_bucket.suspended.bucket

  versioning_configuration {
    status = "Suspended"
  }
}

resource "aws_s3_bucket" "inline" { # fails
  bucket = "broken-versions-inline"

  versioning {
    enabled = false
  }
}
