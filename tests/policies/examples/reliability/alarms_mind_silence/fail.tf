resource "aws_cloudwatch_metric_alarm" "this" { # fails
  alarm_name          = "broken-silence"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HealthyHostCount"
  statistic           = "Average"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 3
}
