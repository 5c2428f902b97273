resource "aws_cloudwatch_log_group" "unset" { # fails
  name = "/broken/unset"
}

resource "aws_cloudwatch_log_group" "zero" {
  name              = "/broken/zero"
  log_group_class   = "STANDARD"
  retention_in_days = 0 # fails
}

resource "aws_cloudwatch_log_group" "null" {
  for_each = { api = null }

  name              = "/broken/${each.key}"
  retention_in_days = each.value # fails
}
