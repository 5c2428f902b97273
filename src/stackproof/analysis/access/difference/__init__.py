"""What one stack allows and another does not."""
