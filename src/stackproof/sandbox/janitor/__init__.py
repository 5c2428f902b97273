"""What expired runs left in an account: finding it, and removing it."""

from stackproof.sandbox.janitor.janitor import Cleaned, Found, Janitor
from stackproof.sandbox.janitor.leftovers import Kind, Leftover

__all__ = ["Cleaned", "Found", "Janitor", "Kind", "Leftover"]
