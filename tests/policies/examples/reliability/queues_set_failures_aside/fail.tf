resource "aws_sqs_queue" "this" { # fails
  for_each = toset(["orders", "mails"])

  name = "broken-${each.key}"
}

# Who may send failures here is not where its own go.
resource "aws_sqs_queue" "closed" { # fails
  name                 = "broken-closed"
  redrive_allow_policy = jsonencode({ redrivePermission = "denyAll" })
}
