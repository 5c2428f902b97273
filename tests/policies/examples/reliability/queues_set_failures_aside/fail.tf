resource "aws_sqs_queue" "this" { # fails in the plan
  for_each = toset(["orders", "mails"])

  name = "broken-${each.key}"
}

# Who may send failures here is not where its own go.
resource "aws_sqs_queue" "closed" { # fails in the plan
  name                 = "broken-closed"
  redrive_allow_policy = jsonencode({ redrivePermission = "denyAll" })
}
