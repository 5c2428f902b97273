provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.0"
  constraints = "~> 5.100"
  hashes = [
    "h1:example=",
  ]
}

provider "example.com/team/tool" {
  version = "1.2.3"
  hashes = [
    "h1:example=",
  ]
}

provider "example.com/team/exact" {
  version = "1.2.3"
  hashes = [
    "h1:example=",
  ]
}

provider "example.com/team/equal" {
  version = "1.2.3"
  hashes = [
    "h1:example=",
  ]
}
