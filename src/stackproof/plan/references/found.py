"""What was found to feed a value, each with the way from the value to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from stackproof.plan.provenance import Link, Way
from stackproof.plan.references.expressions import Literal
from stackproof.plan.wiring import Feed

ONE_REFERENCE = "the plan lists one reference, but not how it makes the value"
"""A doubt that only a known value can confirm: by not being what the reference leads to."""

End = Feed | Link | Literal
"""An attribute, a root variable, or a value that is written out."""


@dataclass(frozen=True)
class Found:
    """Where a value can come from.

    With `doubts`, some of it may not. With `missing`, there may be more, since a way could not be followed to its end.
    """

    ways: Mapping[End, Way] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @cached_property
    def feeds(self) -> tuple[Feed, ...]:
        """The attributes."""
        return tuple(end for end in self.ways if isinstance(end, Feed))

    @property
    def is_open(self) -> bool:
        """Whether there are doubts about more than the one reference that a plan lists."""
        return any(doubt != ONE_REFERENCE for doubt in self.doubts)

    def after(self, link: Link | None) -> Found:
        """The same, one station further away."""
        return replace(self, ways={end: (link, *way) for end, way in self.ways.items()}) if link else self

    def doubting(self, reason: str) -> Found:
        """The same as a superset, where there is more than nothing in it."""
        return replace(self, doubts=(*self.doubts, reason)) if self.feeds else self

    def lacking(self, reason: str) -> Found:
        """The same as what may not be all."""
        return replace(self, missing=(*self.missing, reason))

    def part(self) -> Found:
        """The same as a part of a value, such as of a text: what is written out there is not the value."""
        if not any(isinstance(end, Literal) for end in self.ways):
            return self
        return replace(self, ways={end: way for end, way in self.ways.items() if not isinstance(end, Literal)})


NOTHING = Found()


def union(founds: Iterable[Found]) -> Found:
    """All of it feeds the value."""
    given = [found for found in founds if found != NOTHING]
    if len(given) < 2:
        return given[0] if given else NOTHING
    ways: dict[End, Way] = {}
    for found in given:
        for end, way in found.ways.items():
            ways.setdefault(end, way)
    return Found(
        ways,
        tuple(dict.fromkeys(doubt for found in given for doubt in found.doubts)),
        tuple(dict.fromkeys(reason for found in given for reason in found.missing)),
    )


def either(founds: Iterable[Found], reason: str) -> Found:
    """One of these feeds the value; `reason` says why it is not known which."""
    given = list(founds)
    together = union(given)
    same = all(len(found.feeds) == len(together.feeds) for found in given)
    return together if same else together.doubting(reason)
