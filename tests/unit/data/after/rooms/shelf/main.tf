variable "label" {
  type = string
}

variable "secret" {
  type      = string
  sensitive = true
}

resource "terraform_data" "this" {
  input = var.label
}

resource "terraform_data" "locked" {
  input = var.secret
}

output "label" {
  value = terraform_data.this.output
}
