terraform {
  required_providers { # fails
    aws = {
      source = "hashicorp/aws"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.6"
    }
    tool = {
      source  = "example.com/team/tool"
      version = ">= 1.2"
    }
  }
}

module "child" {
  source = "./child"
}
