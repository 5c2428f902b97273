resource "aws_s3_bucket" "this" {
  bucket = "kept-versions-child"
}
