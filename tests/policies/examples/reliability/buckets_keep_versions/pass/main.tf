resource "aws_s3_bucket" "this" {
  for_each = toset(["orders", "invoices"])

  bucket = "kept-versions-${each.key}"
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket" "inline" {
  bucket = "kept-versions-inline"

  versioning {
    enabled = true
  }
}

resource "aws_s3_bucket" "locked" {
  bucket              = "kept-versions-locked"
  object_lock_enabled = true
}

# These can be lost: their names say so, or those of their modules.
resource "aws_s3_bucket" "build_cache" {
  bucket = "kept-versions-builds"
}

resource "aws_s3_bucket" "named" {
  bucket = "kept-versions-tmp"
}

resource "aws_s3_bucket" "prefixed" {
  bucket_prefix = "kept-versions-logs-"
}

module "artifacts" {
  source = "./child"
}
