data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["s3:GetObject", "s3:List*"]
    resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
  }

  statement {
    effect    = "Deny"
    actions   = ["*"]
    resources = ["*"]
  }
}

resource "aws_s3_bucket" "this" {}

resource "aws_iam_policy" "read" {
  policy = data.aws_iam_policy_document.read.json
}
