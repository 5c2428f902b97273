resource "aws_kms_key" "this" {
  enable_key_rotation = true
}

resource "aws_sqs_queue" "default" {
  name = "default"
}

resource "aws_sqs_queue" "managed" {
  sqs_managed_sse_enabled = true
}

resource "aws_sqs_queue" "key" {
  kms_master_key_id = aws_kms_key.this.arn
}
