"""Every rule against examples that keep it and that break it."""
