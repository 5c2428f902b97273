resource "aws_cloudwatch_log_group" "each" {
  for_each = { api = 30, audit = 3653 }

  name              = "/kept/${each.key}"
  retention_in_days = each.value
}

resource "aws_cloudwatch_log_group" "delivery" {
  name            = "/kept/delivery"
  log_group_class = "DELIVERY"
}
