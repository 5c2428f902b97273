resource "aws_kms_key" "this" {
  for_each = toset(["data", "logs"])

  description         = each.key
  enable_key_rotation = true
}

# KMS rotates no keys of these kinds.
resource "aws_kms_key" "sign" {
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "ECC_NIST_P256"
}

resource "aws_kms_key" "hsm" {
  custom_key_store_id = "cks-1234567890abcdef0"
}
