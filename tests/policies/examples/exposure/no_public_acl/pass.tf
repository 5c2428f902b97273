resource "aws_s3_bucket" "this" {
  bucket = "acl-pass"
}

resource "aws_s3_bucket_acl" "this" {
  bucket = aws_s3_bucket.this.id
  acl    = "log-delivery-write"
}

resource "aws_s3_bucket_acl" "grants" {
  bucket = aws_s3_bucket.this.id

  access_control_policy {
    owner {
      id = "0123456789abcdef"
    }

    grant {
      permission = "WRITE"

      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/s3/LogDelivery"
      }
    }
  }
}

resource "aws_s3_object" "this" {
  bucket  = aws_s3_bucket.this.id
  key     = "key"
  content = "content"
}

# There can be no grants beside an ACL.
resource "aws_s3_bucket_acl" "either" {
  bucket = aws_s3_bucket.this.id
  acl    = "private"

  dynamic "access_control_policy" {
    for_each = aws_s3_bucket.this.request_payer == "Requester" ? [1] : []

    content {
      owner {
        id = "0123456789abcdef"
      }

      grant {
        permission = "READ"

        grantee {
          type = "Group"
          uri  = "http://acs.amazonaws.com/groups/s3/LogDelivery"
        }
      }
    }
  }
}
