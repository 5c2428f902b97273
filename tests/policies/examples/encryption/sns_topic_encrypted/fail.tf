variable "key" {
  type    = string
  default = null
}

resource "aws_sns_topic" "plain" { # fails
  name = "plain"
}

resource "aws_sns_topic" "empty" {
  kms_master_key_id = "" # fails
}

resource "aws_sns_topic" "without" {
  kms_master_key_id = var.key # fails in the plan
}
