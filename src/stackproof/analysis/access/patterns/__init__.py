"""Sets of texts, as the wildcards of a policy mean them, and logic for what is not known."""
