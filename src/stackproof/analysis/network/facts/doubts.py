"""What an answer hangs on that the plan does not say."""

from __future__ import annotations

from dataclasses import dataclass

from stackproof.verdict import Undecided


@dataclass(frozen=True, order=True)
class Doubt:
    """A value that is not known, or a resource that is not modelled: its address, the path in it, and the reason."""

    address: str
    path: str
    reason: str = "known after apply"

    def __str__(self) -> str:
        return str(self.undecided())

    def undecided(self) -> Undecided:
        """The exception that tells of it."""
        return Undecided(self.address, self.path, self.reason)

    def as_dict(self) -> dict[str, str]:
        """Address, path and reason."""
        return {"address": self.address, "path": self.path, "reason": self.reason}


Doubts = tuple[Doubt, ...]


@dataclass(frozen=True)
class Chance:
    """Yes, no, or perhaps: a yes with doubts is a perhaps."""

    possible: bool
    doubts: Doubts = ()


YES, NO = Chance(possible=True), Chance(possible=False)


def both(left: Doubts, right: Doubts) -> Doubts:
    """The doubts of two facts that have to hold together, each once."""
    if not left or not right:
        return left or right
    return tuple(dict.fromkeys((*left, *right)))
