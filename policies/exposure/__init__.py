"""What others can reach."""
