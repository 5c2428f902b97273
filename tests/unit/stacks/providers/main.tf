# Several configurations of one provider: regions, a role in another account, modules with theirs.
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

locals {
  region = "eu-central-1"
}

provider "aws" {
  region = local.region

  default_tags {
    tags = {
      from = "main"
    }
  }
}

provider "aws" {
  alias  = "far"
  region = "us-west-2"

  assume_role {
    role_arn = "arn:aws:iam::111122223333:role/deploy"
  }

  default_tags {
    tags = {
      from = "far"
    }
  }
}

data "aws_caller_identity" "far" {
  provider = aws.far
}

data "aws_region" "far" {
  provider   = aws.far
  depends_on = [aws_sns_topic.far]
}

resource "aws_sns_topic" "near" {
  name = "near"
}

resource "aws_sns_topic" "far" {
  provider = aws.far
  name     = "far"
}

module "given" {
  source = "./given"

  providers = {
    aws = aws.far
  }
}

module "own" {
  source = "./own"
}

output "region" {
  value = "${data.aws_region.far.name}/${aws_sns_topic.far.arn}"
}
