"""What a security reviewer would refuse, as custom checks for checkov."""
