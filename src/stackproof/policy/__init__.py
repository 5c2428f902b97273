"""Policies: what a security reviewer would refuse, as rules with exact places and honest verdicts."""
