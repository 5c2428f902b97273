terraform {
  required_providers {
    aws = { # fails
      source = "hashicorp/aws"
    }
    random = { # fails
      source  = "hashicorp/random"
      version = "~> 3.6"
    }
    tool = { # fails
      source  = "example.com/team/tool"
      version = ">= 1.2"
    }
    other = { # fails
      source  = "example.com/team/other"
      version = ">= 1.2, != 1.3.0"
    }
  }
}

module "child" {
  source = "./child"
}
