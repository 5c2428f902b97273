"""The way of a value: from the argument that takes it, back to what makes it."""

from __future__ import annotations

from dataclasses import dataclass

from stackproof.plan.source import Place


@dataclass(frozen=True)
class Link:
    """A station on the way of a value, and where it is written (None where that is not at hand).

    `what` is "argument", "for_each", "local", "module input", "output", "variable", "function", "resource" or
    "data source".
    """

    what: str
    name: str
    place: Place | None = None

    def __str__(self) -> str:
        return f"{self.what} {self.name} ({self.place})" if self.place else f"{self.what} {self.name}"


Way = tuple[Link, ...]
"""The argument first, then every station; a resource, data source, variable or what holds a literal ends it."""


def describe(way: Way) -> str:
    """The way in one line."""
    return " <- ".join(map(str, way))
