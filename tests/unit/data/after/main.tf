terraform {
  required_version = ">= 1.7"
}

variable "password" {
  type      = string
  sensitive = true
  default   = "hunter2-default"
}

variable "zones" {
  type    = list(string)
  default = ["a", "b"]
}

resource "terraform_data" "kept" {
  input = "as it was"
}

resource "terraform_data" "updated" {
  input = { size = 2, zone = "a" }
}

resource "terraform_data" "replaced" {
  input            = "new each time"
  triggers_replace = "second"
  lifecycle {
    create_before_destroy = true
  }
}

resource "terraform_data" "new_name" {
  input = "moved as it is"
}

moved {
  from = terraform_data.old_name
  to   = terraform_data.new_name
}

removed {
  from = terraform_data.forgotten
  lifecycle {
    destroy = false
  }
}

resource "terraform_data" "created" {
  input = "new"
}

resource "terraform_data" "counted" {
  count = 2
  input = count.index
}

resource "terraform_data" "each" {
  for_each = toset(["a", "b.c"])
  input    = each.key
}

resource "terraform_data" "secret" {
  input = { user = "admin", password = var.password, token = sensitive("hunter2-literal") }
}

resource "terraform_data" "wired" {
  input = ["known", terraform_data.created.id, { key = terraform_data.created.id }]
}

resource "terraform_data" "policy" {
  input = jsonencode({ Statement = [{ Effect = "Allow", Action = ["s3:GetObject"] }] })
}

resource "terraform_data" "open_policy" {
  input = jsonencode({ Resource = terraform_data.created.id })
}

data "terraform_remote_state" "at_once" {
  backend = "local"
  config  = { path = "${path.module}/other.tfstate" }
}

data "terraform_remote_state" "later" {
  backend    = "local"
  config     = { path = "${path.module}/other.tfstate" }
  depends_on = [terraform_data.created]
}

module "rooms" {
  source   = "./rooms"
  for_each = toset(["cellar", "attic"])
  name     = each.key
  key      = var.password
}

output "size" {
  value = 2
}

output "id" {
  value = terraform_data.created.id
}

output "password" {
  value     = var.password
  sensitive = true
}

output "literal" {
  value     = "hunter2-output"
  sensitive = true
}

output "shelves" {
  value = module.rooms["attic"].shelf
}
