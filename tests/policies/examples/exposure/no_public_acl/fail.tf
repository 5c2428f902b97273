resource "aws_s3_bucket" "acl" {
  bucket = "acl-acl"
  acl    = "public-read" # fails
}

resource "aws_s3_bucket" "grant" {
  bucket = "acl-grant"

  grant {
    type        = "Group"
    permissions = ["READ"]
    uri         = "http://acs.amazonaws.com/groups/global/AllUsers" # fails
  }
}

resource "aws_s3_bucket" "this" {
  bucket = "acl-fail"
}

resource "aws_s3_bucket_acl" "this" {
  bucket = aws_s3_bucket.this.id
  acl    = "authenticated-read" # fails
}

resource "aws_s3_bucket_acl" "grants" {
  bucket = aws_s3_bucket.this.id

  access_control_policy {
    owner {
      id = "0123456789abcdef"
    }

    grant {
      permission = "READ"

      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers" # fails
      }
    }
  }
}

resource "aws_s3_object" "this" {
  bucket  = aws_s3_bucket.this.id
  key     = "key"
  content = "content"
  acl     = "public-read-write" # fails
}
