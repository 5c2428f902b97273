resource "aws_sns_topic" "alarms" {
  name = "broken-alarms"
}

resource "aws_cloudwatch_metric_alarm" "mute" { # fails in the plan
  alarm_name          = "broken-mute"
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 80
  period              = 60
  evaluation_periods  = 3
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "off" {
  alarm_name          = "broken-off"
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 80
  period              = 60
  evaluation_periods  = 3
  actions_enabled     = false # fails in the plan
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_composite_alarm" "this" {
  alarm_name    = "broken-composite"
  alarm_rule    = "ALARM(elsewhere)"
  alarm_actions = [] # fails in the plan
}
