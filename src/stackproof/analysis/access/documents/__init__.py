"""Policies as they are written: documents, statements and the conditions in them."""
