terraform {
  backend "s3" { # fails
    bucket = "example-state"
    key    = "terraform.tfstate"
  }
}
