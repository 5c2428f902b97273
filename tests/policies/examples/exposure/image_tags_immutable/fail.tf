resource "aws_ecr_repository" "this" {
  name                 = "mutable"
  image_tag_mutability = "MUTABLE" # fails
}

resource "aws_ecr_repository" "by_default" { # fails
  name = "mutable-by-default"
}

resource "aws_ecr_repository_creation_template" "by_default" { # fails
  prefix      = "cache"
  applied_for = ["PULL_THROUGH_CACHE"]
}
