resource "aws_kms_key" "this" {
  enable_key_rotation = true
}

resource "aws_kinesis_stream" "this" {
  for_each = { managed = "alias/aws/kinesis", own = aws_kms_key.this.arn }

  name            = each.key
  encryption_type = "KMS"
  kms_key_id      = each.value

  stream_mode_details {
    stream_mode = "ON_DEMAND"
  }
}
