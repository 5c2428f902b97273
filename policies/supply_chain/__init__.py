"""What the code depends on."""
