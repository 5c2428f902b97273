"""What is asked of AWS and what it answers, out of HTTP and by AWS's own models."""
