variable "name" {
  type = string
}

variable "key" {
  type      = string
  sensitive = true
}

resource "terraform_data" "this" {
  input = "room ${var.name}"
}

module "shelf" {
  source = "./shelf"
  label  = "shelf in ${var.name}"
  secret = "hunter2-argument"
}

output "shelf" {
  value = module.shelf.label
}
