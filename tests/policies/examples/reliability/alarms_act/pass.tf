resource "aws_sns_topic" "alarms" {
  name = "alarms"
}

resource "aws_cloudwatch_metric_alarm" "cpu" {
  for_each = { api = 80, worker = 95 }

  alarm_name          = "kept-cpu-${each.key}"
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value
  period              = 60
  evaluation_periods  = 3
  actions_enabled     = true
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

# The composite alarm tells of it.
resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "kept-errors"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_5XX_Count"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 10
  period              = 60
  evaluation_periods  = 3
  actions_enabled     = false
}

resource "aws_cloudwatch_composite_alarm" "this" {
  alarm_name    = "kept-composite"
  alarm_rule    = "ALARM(${aws_cloudwatch_metric_alarm.errors.alarm_name}) AND ALARM(elsewhere)"
  alarm_actions = [aws_sns_topic.alarms.arn]
}

# A deployment that sets it off is rolled back.
resource "aws_cloudwatch_metric_alarm" "deployment" {
  alarm_name          = "kept-deployment"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 2
  period              = 60
  evaluation_periods  = 3
}

resource "aws_ecs_service" "this" {
  name            = "watched"
  task_definition = "app:1"

  alarms {
    alarm_names = [aws_cloudwatch_metric_alarm.deployment.alarm_name]
    enable      = true
    rollback    = true
  }
}
