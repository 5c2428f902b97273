"""What IAM decides on a request."""
