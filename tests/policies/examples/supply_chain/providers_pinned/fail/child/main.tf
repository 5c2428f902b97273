terraform {
  required_providers {
    aws = { # fails
      source = "hashicorp/aws"
    }
  }
}
