terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
    tool = {
      source  = "example.com/team/tool"
      version = ">= 1.2, < 2.0"
    }
    exact = {
      source  = "example.com/team/exact"
      version = "1.2.3"
    }
    equal = {
      source  = "example.com/team/equal"
      version = "= 1.2.3"
    }
  }
}

module "child" {
  source = "./child"
}
