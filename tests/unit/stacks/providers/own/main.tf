provider "aws" {
  region = "ap-south-1"

  default_tags {
    tags = {
      from = "own"
    }
  }
}

resource "aws_sns_topic" "this" {
  name = "own"
}
