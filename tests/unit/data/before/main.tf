# What was applied first; `after` is what is planned next.

resource "terraform_data" "kept" {
  input = "as it was"
}

resource "terraform_data" "updated" {
  input = { size = 1, zone = "a" }
}

resource "terraform_data" "replaced" {
  input            = "new each time"
  triggers_replace = "first"
}

resource "terraform_data" "gone" {
  input = "no longer wanted"
}

resource "terraform_data" "old_name" {
  input = "moved as it is"
}

resource "terraform_data" "forgotten" {
  input = "left to somebody else"
}

output "gone" {
  value = "no longer there"
}

output "size" {
  value = 1
}
