module "any_version" {
  source = "terraform-aws-modules/vpc/aws" # fails
}

module "some_version" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 5.8" # fails
}

module "branch" {
  source = "git::https://example.com/network.git?ref=main" # fails
}

module "head" {
  source = "github.com/example/network" # fails
}
