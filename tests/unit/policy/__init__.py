"""Policies: how rules are found, asked, excepted and told."""
