resource "aws_sqs_queue" "plain" {
  count = 2

  sqs_managed_sse_enabled = false # fails
}
