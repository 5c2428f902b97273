"""The accounts in which Terraform may act."""
