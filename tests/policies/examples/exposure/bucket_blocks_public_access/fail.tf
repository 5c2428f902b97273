resource "aws_s3_bucket" "without" { # fails
  bucket = "block-without"
}

resource "aws_s3_bucket" "half" {
  bucket = "block-half"
}

resource "aws_s3_bucket_public_access_block" "half" { # fails
  bucket = aws_s3_bucket.half.id

  block_public_acls   = true
  block_public_policy = false # fails
  ignore_public_acls  = true
}
