resource "aws_sqs_queue" "orders" {
  name = "orders"

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.orders_failed.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "orders_failed" {
  name = "orders-failed"
}

resource "aws_sqs_queue" "apart" {
  name = "apart"
}

resource "aws_sqs_queue" "apart_failed" {
  name = "apart-failed"
}

resource "aws_sqs_queue_redrive_policy" "apart" {
  queue_url = aws_sqs_queue.apart.id

  redrive_policy = <<-EOT
    {"deadLetterTargetArn": "${aws_sqs_queue.apart_failed.arn}", "maxReceiveCount": 3}
  EOT
}

resource "aws_sqs_queue" "events_failed" {
  name = "events-failed"
}

resource "aws_cloudwatch_event_rule" "this" {
  schedule_expression = "rate(1 hour)"
}

resource "aws_cloudwatch_event_target" "this" {
  rule = aws_cloudwatch_event_rule.this.name
  arn  = "arn:aws:lambda:us-east-1:123456789012:function:hourly"

  dead_letter_config {
    arn = aws_sqs_queue.events_failed.arn
  }
}
