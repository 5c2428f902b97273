output "alarm_arns" {
  description = "ARNs of the alarms, by what they watch."
  value = {
    cpu               = aws_cloudwatch_metric_alarm.utilization["cpu"].arn
    memory            = aws_cloudwatch_metric_alarm.utilization["memory"].arn
    unhealthy_targets = aws_cloudwatch_metric_alarm.unhealthy_targets.arn
    pipeline_failures = aws_cloudwatch_metric_alarm.pipeline_failures.arn
  }
}

output "pipeline_failed_rule_arn" {
  description = "ARN of the EventBridge rule on failed pipeline executions."
  value       = aws_cloudwatch_event_rule.pipeline_failed.arn
}
