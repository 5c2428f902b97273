resource "aws_kms_key" "silent" { # fails
  customer_master_key_spec = "SYMMETRIC_DEFAULT"
}

resource "aws_kms_key" "off" {
  enable_key_rotation = false # fails
}
