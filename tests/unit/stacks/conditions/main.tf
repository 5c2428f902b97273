# Conditions that tokens do not meet, of every kind that there is; which of them, the variable says.
variable "failing" {
  type = set(string)
}

resource "terraform_data" "first" {
  input = "first"

  lifecycle {
    prevent_destroy = true

    precondition {
      condition     = terraform_data.before.id != "" && (!contains(var.failing, "precondition") || terraform_data.before.id == "x")
      error_message = "A precondition."
    }

    postcondition {
      condition     = !contains(var.failing, "postcondition") || self.id == "x"
      error_message = "A postcondition."
    }
  }
}

resource "terraform_data" "before" {
  input = "before"
}

resource "terraform_data" "after" {
  input = terraform_data.first.id
}

resource "terraform_data" "beside" {
  input = terraform_data.before.id
}

check "first" {
  assert {
    condition     = !contains(var.failing, "check") || terraform_data.before.id == "x"
    error_message = "A check."
  }
}

module "inner" {
  source  = "./module"
  failing = var.failing
}

output "first" {
  value = terraform_data.before.id

  precondition {
    condition     = !contains(var.failing, "output") || terraform_data.before.id == "x"
    error_message = "An output."
  }
}
