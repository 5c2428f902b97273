resource "aws_cloudwatch_log_group" "this" { # fails
  name = "broken"
}

resource "aws_cloudwatch_log_group" "counted" {
  count = 2

  name       = "broken-${count.index}"
  kms_key_id = null # fails
}
