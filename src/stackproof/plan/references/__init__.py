"""What feeds a value by what the configuration says, without Terraform's help."""
