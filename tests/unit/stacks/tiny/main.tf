variable "size" {
  description = "What the tests tell environments apart by."
  type        = string
  default     = "small"
}

variable "password" {
  description = "A secret that must not be seen anywhere."
  type        = string
  default     = null
  sensitive   = true
}

resource "terraform_data" "this" {
  input = {
    size     = var.size
    password = var.password
  }
}

output "size" {
  description = "The size that was asked for."
  value       = var.size
}
