resource "aws_ecr_repository" "this" { # fails
  for_each = toset(["a", "b"])

  name = each.key
}

resource "aws_ecr_repository_creation_template" "cache" { # fails
  prefix      = "ROOT"
  applied_for = ["PULL_THROUGH_CACHE"]
}
