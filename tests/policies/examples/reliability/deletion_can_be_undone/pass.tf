resource "aws_secretsmanager_secret" "default" {
  name = "kept-default"
}

resource "aws_secretsmanager_secret" "week" {
  name                    = "kept-week"
  recovery_window_in_days = 7
}

resource "aws_kms_key" "default" {}

resource "aws_kms_key" "fortnight" {
  deletion_window_in_days = 14
}
