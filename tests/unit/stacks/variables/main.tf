variable "text" {
  description = "A text."
  type        = string
}

variable "number" {
  description = "A number."
  type        = number
}

variable "flag" {
  description = "A boolean."
  type        = bool
}

variable "nothing" {
  description = "A null, where the default is something."
  type        = string
  default     = "something"
}

variable "list" {
  description = "A list."
  type        = list(number)
}

variable "map" {
  description = "An object with everything in it."
  type = object({
    inner = list(object({ name = string }))
  })
}

resource "terraform_data" "this" {
  input = {
    text      = var.text
    number    = var.number
    flag      = var.flag
    nothing   = var.nothing
    list      = var.list
    map       = var.map
    workspace = terraform.workspace
  }
}
