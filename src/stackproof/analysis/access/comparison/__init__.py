"""Statements as sets of requests: what one allows that others do not."""
