resource "aws_kms_key" "this" {
  enable_key_rotation = true
}

resource "aws_sns_topic" "own" {
  kms_master_key_id = aws_kms_key.this.id
}

resource "aws_sns_topic" "default" {
  name              = "default"
  kms_master_key_id = "alias/aws/sns"
}
