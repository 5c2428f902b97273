resource "terraform_data" "this" {
  input = "world"
}

output "word" {
  description = "What this module says."
  value       = terraform_data.this.input
}
