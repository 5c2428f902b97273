resource "aws_iam_access_key" "default" { # fails
  user = "robot"
}

resource "aws_iam_access_key" "active" { # fails
  for_each = toset(["builder", "deployer"])

  user   = each.key
  status = "Active"
}
