module "beside" {
  source = "../beside"
}

module "registry" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.8.1"
}

module "part_of_registry" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-user"
  version = "= 5.39"
}

module "tag" {
  source = "git::https://example.com/network.git//vpc?ref=v1.2.0&depth=1"
}

module "commit" {
  source = "github.com/example/network?ref=51d462976d84fdea54b47d80dcabbf680badcdb8"
}
