resource "aws_secretsmanager_secret" "this" {
  for_each = toset(["api", "database"])

  name                    = "broken-${each.key}"
  recovery_window_in_days = 0 # fails
}

resource "aws_kms_key" "week" {
  deletion_window_in_days = 7 # fails
}

resource "aws_kms_replica_key" "week" {
  primary_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef"
  deletion_window_in_days = 7 # fails
}
