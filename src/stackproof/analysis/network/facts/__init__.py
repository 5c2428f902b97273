"""What is read from a stack, with the doubts about it."""
