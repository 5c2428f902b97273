resource "aws_kms_key" "this" {
  enable_key_rotation = true
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["tasks", "builds"])

  name       = "kept-${each.key}"
  kms_key_id = aws_kms_key.this.arn
}
