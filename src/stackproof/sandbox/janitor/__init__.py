"""What expired runs left in an account: finding it, and removing it."""

from stackproof.sandbox.janitor.janitor import CheckedAccount, Cleaned, Found, Janitor
from stackproof.sandbox.janitor.leftovers import Kind, Leftover

__all__ = ["CheckedAccount", "Cleaned", "Found", "Janitor", "Kind", "Leftover"]
