# Instances, moves, imports, variables of all kinds, and test files of its own, without any provider.
variable "size" {}

variable "object" {
  type = object({ a = optional(string, "q"), b = number, c = optional(list(string)) })
}

variable "plain" {
  type     = string
  nullable = false
  default  = "default"
}

variable "token" {
  type      = string
  ephemeral = true

  validation {
    condition     = length(var.token) > 3
    error_message = "Too short."
  }
}

resource "terraform_data" "imported" {
  input = "x"
}

import {
  to = terraform_data.imported
  id = "imported-id"
}

resource "terraform_data" "new" {
  input = var.size
}

moved {
  from = terraform_data.old
  to   = terraform_data.new
}

removed {
  from = terraform_data.gone

  lifecycle {
    destroy = false
  }
}

resource "terraform_data" "counted" {
  count = 2
  input = terraform_data.new.id
}

resource "terraform_data" "keyed" {
  for_each = { a = terraform_data.new.id, "b \"c\" $${d} %%{e}" = terraform_data.imported.id }
  input    = each.value
}

resource "terraform_data" "workspace" {
  input = "${terraform.workspace}:${terraform_data.new.id}"
}

resource "terraform_data" "variables" {
  input = {
    object = var.object
    plain  = var.plain
    id     = terraform_data.new.id
    json   = "${jsonencode(var.size)}${terraform_data.new.id}"
  }
}

module "inner" {
  source   = "./inner"
  for_each = toset(["x", "y z"])
  id       = terraform_data.counted[1].id
}

output "inner" {
  value = { for key, module in module.inner : key => module.id }
}
