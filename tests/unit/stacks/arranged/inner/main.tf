variable "id" {
  type = string
}

resource "terraform_data" "this" {
  input = var.id
}

output "id" {
  value = terraform_data.this.id
}
