resource "aws_kms_key" "this" {
  enable_key_rotation = true
}

resource "aws_kms_alias" "this" {
  name          = "alias/kept-secrets"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_secretsmanager_secret" "key" {
  name       = "key"
  kms_key_id = aws_kms_key.this.arn
}

resource "aws_secretsmanager_secret" "alias" {
  for_each = toset(["a", "b"])

  name_prefix = each.key
  kms_key_id  = aws_kms_alias.this.name

  replica {
    region     = "us-west-2"
    kms_key_id = "alias/kept-elsewhere"
  }
}
