resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = { HealthyHostCount = "breaching", HTTPCode_Target_5XX_Count = "notBreaching" }

  alarm_name          = "kept-silence-${each.key}"
  namespace           = "AWS/ApplicationELB"
  metric_name         = each.key
  statistic           = "Average"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 3
  treat_missing_data  = each.value
}
