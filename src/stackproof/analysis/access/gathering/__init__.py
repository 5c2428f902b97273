"""Which policies a stack has, and whose they are."""
