"""What has to outlast a failure."""
