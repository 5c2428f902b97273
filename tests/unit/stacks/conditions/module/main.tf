variable "failing" {
  type = set(string)
}

resource "terraform_data" "this" {
  input = "module"
}

check "this" {
  assert {
    condition     = !contains(var.failing, "module") || terraform_data.this.id == "x"
    error_message = "A check in a module."
  }
}
