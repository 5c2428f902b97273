terraform {
  backend "s3" {
    bucket       = "example-state"
    key          = "terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

module "child" {
  source = "./child"
}
