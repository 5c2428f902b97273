terraform {
  required_providers { # fails
    aws = {
      source = "hashicorp/aws"
    }
  }
}
