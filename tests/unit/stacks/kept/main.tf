# Without any provider but Terraform's own, so that commands take as long as Terraform does. Its backend is another one.

terraform {
  backend "s3" {
    bucket = "of-production"
    key    = "live.tfstate"
    region = "eu-central-1"
  }
}

variable "size" {
  description = "What is applied."
  type        = string
  default     = "small"
}

variable "password" {
  description = "A secret that must not be seen anywhere."
  type        = string
  default     = null
  sensitive   = true
}

variable "holds_until" {
  description = "A file for which the making of `held` waits; null has nothing held."
  type        = string
  default     = null
}

resource "terraform_data" "this" {
  input = var.size
}

resource "terraform_data" "held" {
  count      = var.holds_until == null ? 0 : 1
  depends_on = [terraform_data.this]

  provisioner "local-exec" {
    command = "touch ${var.holds_until}.begun; until [ -e ${var.holds_until} ]; do sleep 0.05; done"
  }
}

output "size" {
  description = "The size that was asked for."
  value       = var.size
}

output "password" {
  description = "The secret that was asked for."
  value       = var.password
  sensitive   = true
}
