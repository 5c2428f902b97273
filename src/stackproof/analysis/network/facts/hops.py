"""One step of a path through the network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from stackproof.plan import Place, Resource


@dataclass(frozen=True)
class Hop:
    """What is passed: its kind ("security group rule"), its address, and the path of what lets through inside it."""

    what: str
    address: str
    path: str = ""
    _place: Callable[[], Place | None] | None = field(default=None, compare=False, repr=False)

    @property
    def place(self) -> Place | None:
        """File and line; None where the source is not at hand."""
        return self._place() if self._place else None

    def __str__(self) -> str:
        where = f" ({self.place})" if self.place else ""
        return f"{self.what} {self.address}{where}" if self.address else self.what

    def as_dict(self) -> dict[str, str]:
        """`what`, `address` and `place` ("file:line", "" where the source is not at hand)."""
        return {"what": self.what, "address": self.address, "place": str(self.place or "")}


def hop(what: str, resource: Resource, path: str = "") -> Hop:
    """The hop over a resource, or over the part of it at a path."""
    return Hop(what, resource.address, path, lambda: resource.place_of(path))


INTERNET, INTERNET_GATEWAY, ROUTE = "the internet", "internet gateway", "route"
SECURITY_GROUP_RULE = "security group rule"
NETWORK_ACL_RULE = "network ACL rule"

INTERNET_HOP = Hop(INTERNET, "")
