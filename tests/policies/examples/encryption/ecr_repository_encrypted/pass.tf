resource "aws_kms_key" "this" {
  enable_key_rotation = true
}

resource "aws_ecr_repository" "plain" {
  name = "plain"

  encryption_configuration {
    encryption_type = "AES256"
  }
}

resource "aws_ecr_repository" "shared" {
  name = "shared"

  dynamic "encryption_configuration" {
    for_each = [aws_kms_key.this.arn]

    content {
      encryption_type = "KMS"
      kms_key         = encryption_configuration.value
    }
  }
}

resource "aws_ecr_repository_creation_template" "cache" {
  prefix      = "ROOT"
  applied_for = ["PULL_THROUGH_CACHE"]

  encryption_configuration {}
}
