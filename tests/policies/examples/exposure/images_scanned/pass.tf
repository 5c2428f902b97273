resource "aws_ecr_repository" "this" {
  name = "scanned"

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_repository" "by_registry" {
  name = "images-scanned-by-registry"
}

resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "ENHANCED"

  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = "images-scanned-*"
      filter_type = "WILDCARD"
    }
  }
}
