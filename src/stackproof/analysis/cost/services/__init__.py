"""What each resource type is charged for, one file a family of services."""
