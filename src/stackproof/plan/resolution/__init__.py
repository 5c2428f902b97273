"""What Terraform itself makes of a configuration, with tokens in place of what it cannot know."""
