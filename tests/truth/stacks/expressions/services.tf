# What a service is made of: nested modules' outputs in JSON documents, templates, and blocks.

locals {
  channels = {
    orders  = { retries = 3 }
    returns = { retries = 5 }
  }

  addresses = { for key, channel in module.channel : upper(key) => channel.info.arn }

  environment = concat(
    [for name, address in local.addresses : { name = "${name}_TOPIC", value = address }],
    [{ name = "TABLE", value = aws_dynamodb_table.this.name }, { name = "FAR", value = aws_sns_topic.far.arn }],
  )

  widgets = [for key in reverse(sort(keys(local.channels))) : { title = key, channel = module.channel[key].info }]
}

module "channel" {
  source   = "./modules/channel"
  for_each = local.channels

  name    = each.key
  retries = each.value.retries
}

resource "aws_sns_topic" "far" {
  provider = aws.far

  name_prefix = "far-"
}

resource "aws_dynamodb_table" "this" {
  name         = "records"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_iam_role" "service" {
  for_each = toset(["execution", "task", "audit"])

  name_prefix = "${each.key}-"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = each.key == "audit" ? "lambda.amazonaws.com" : "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_cloudwatch_log_group" "this" {
  name_prefix = "services-"
}

resource "aws_secretsmanager_secret" "this" {
  count = 2

  name_prefix = "services-${count.index}-"
}

resource "aws_ssm_parameter" "this" {
  for_each = local.addresses

  name           = "/services/${each.key}"
  type           = "String"
  insecure_value = "${each.value}?table=${aws_dynamodb_table.this.name}"
}

resource "aws_ecs_task_definition" "this" {
  family                   = "services"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.service["execution"].arn
  task_role_arn            = aws_iam_role.service["task"].arn

  container_definitions = jsonencode([{
    name        = "main"
    image       = "example/services:1"
    essential   = true
    environment = local.environment
    secrets     = [for number, secret in aws_secretsmanager_secret.this : { name = "SECRET_${number}", valueFrom = "${secret.arn}:key::" }]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = aws_cloudwatch_log_group.this.name
        "awslogs-region"        = "us-east-1"
        "awslogs-stream-prefix" = "main"
      }
    }
  }])
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "services-overview"

  dashboard_body = templatefile("${path.module}/dashboard.json.tftpl", {
    widgets = local.widgets
    tasks   = aws_ecs_task_definition.this.arn_without_revision
  })
}

resource "aws_cloudwatch_event_rule" "this" {
  name = "services-changes"

  event_pattern = jsonencode({
    source = ["aws.ecs"]
    detail = { taskDefinitionArn = [aws_ecs_task_definition.this.arn], group = [{ prefix = aws_ecs_task_definition.this.family }] }
  })
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = module.channel

  rule      = aws_cloudwatch_event_rule.this.name
  target_id = each.key
  arn       = each.value.info.arn

  input_transformer {
    input_paths    = { state = "$.detail.status" }
    input_template = jsonencode({ state = "<state>", dead = each.value.dead[0], version = each.value.redrive.name })
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = merge(
    { for key, channel in module.channel : key => { metric = "NumberOfMessagesPublished", name = channel.info.name } },
    { dead = { metric = "NumberOfNotificationsFailed", name = split(":", module.channel["orders"].dead[0])[5] } },
  )

  alarm_name          = "services-${each.key}"
  namespace           = "AWS/SNS"
  metric_name         = each.value.metric
  dimensions          = { TopicName = each.value.name }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.far.arn]
  ok_actions          = each.key == "dead" ? [] : [aws_sns_topic.far.arn]
}
