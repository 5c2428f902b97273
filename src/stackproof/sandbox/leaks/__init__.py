"""What a run left behind in an account: counted before, counted after, and the difference held against its calls."""

from stackproof.sandbox.leaks.census import Census, Item, Standing, take
from stackproof.sandbox.leaks.comparison import Leak, Leaks, compare, find_leaks
from stackproof.sandbox.leaks.kinds import Kind, kinds_of, kinds_touched

__all__ = [
    "Census",
    "Item",
    "Kind",
    "Leak",
    "Leaks",
    "Standing",
    "compare",
    "find_leaks",
    "kinds_of",
    "kinds_touched",
    "take",
]
