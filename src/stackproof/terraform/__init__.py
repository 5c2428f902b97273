"""Running Terraform safely and fast: which one, with which providers, where, and what it said."""
