resource "aws_ecr_repository" "this" {
  name = "images-unscanned"

  image_scanning_configuration {
    scan_on_push = false # fails
  }
}

resource "aws_ecr_repository" "by_default" { # fails
  name = "images-by-hand"
}

resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "BASIC"

  rule {
    scan_frequency = "MANUAL"

    repository_filter {
      filter      = "images-*"
      filter_type = "WILDCARD"
    }
  }
}
