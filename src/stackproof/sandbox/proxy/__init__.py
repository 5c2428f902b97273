"""What stands between Terraform and an account: it sees every call, and can hinder it."""
