locals {
  service_dimensions = {
    ClusterName = var.cluster_name
    ServiceName = var.service_name
  }

  utilization = {
    cpu    = { metric = "CPUUtilization", threshold = var.cpu_threshold_percent }
    memory = { metric = "MemoryUtilization", threshold = var.memory_threshold_percent }
  }
}

resource "aws_cloudwatch_metric_alarm" "utilization" {
  for_each = local.utilization

  alarm_name        = "${var.name}-${each.key}-high"
  alarm_description = "Average ${each.key} utilization of the service was above ${each.value.threshold} % for five minutes."

  namespace           = "AWS/ECS"
  metric_name         = each.value.metric
  dimensions          = local.service_dimensions
  statistic           = "Average"
  period              = 60
  evaluation_periods  = 5
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold

  # Without tasks there is no utilization to be too high; that outage belongs to
  # the alarm on unhealthy targets.
  treat_missing_data = "notBreaching"

  alarm_actions = [var.topic_arn]
  ok_actions    = [var.topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "unhealthy_targets" {
  alarm_name        = "${var.name}-unhealthy-targets"
  alarm_description = "For three minutes more than ${var.unhealthy_targets_threshold} targets of the load balancer were unhealthy, or it had none at all."

  namespace           = "AWS/ApplicationELB"
  metric_name         = "UnHealthyHostCount"
  dimensions          = { LoadBalancer = var.alb_arn_suffix, TargetGroup = var.target_group_arn_suffix }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.unhealthy_targets_threshold

  # The load balancer reports only while a target is registered. Silence means
  # that the service is down.
  treat_missing_data = "breaching"

  alarm_actions = [var.topic_arn]
  ok_actions    = [var.topic_arn]
}

resource "aws_cloudwatch_event_rule" "pipeline_failed" {
  name        = "${var.name}-pipeline-failed"
  description = "An execution of the pipeline failed."

  event_pattern = jsonencode({
    source      = ["aws.codepipeline"]
    detail-type = ["CodePipeline Pipeline Execution State Change"]
    detail = {
      pipeline = [var.pipeline_name]
      state    = ["FAILED"]
    }
  })
}

# The event says at once which execution failed; the alarm below keeps the failure
# visible as a state beside the others.
resource "aws_cloudwatch_event_target" "pipeline_failed" {
  rule = aws_cloudwatch_event_rule.pipeline_failed.name
  arn  = var.topic_arn

  input_transformer {
    input_paths = {
      pipeline  = "$.detail.pipeline"
      execution = "$.detail.execution-id"
      region    = "$.region"
      time      = "$.time"
    }
    input_template = "\"Pipeline <pipeline> failed in <region> at <time>, execution <execution>.\""
  }
}

# The rule counts its own matches, so alarm and notification agree on what a
# failure is, whatever the pipeline's type publishes about itself.
resource "aws_cloudwatch_metric_alarm" "pipeline_failures" {
  alarm_name        = "${var.name}-pipeline-failures"
  alarm_description = "More than ${var.pipeline_failures_threshold} executions of the pipeline failed within five minutes."

  namespace           = "AWS/Events"
  metric_name         = "TriggeredRules"
  dimensions          = { RuleName = aws_cloudwatch_event_rule.pipeline_failed.name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.pipeline_failures_threshold

  # The metric exists only when the rule matches. No notice of recovery either:
  # that five minutes passed does not mean the pipeline works again.
  treat_missing_data = "notBreaching"

  alarm_actions = [var.topic_arn]
}
