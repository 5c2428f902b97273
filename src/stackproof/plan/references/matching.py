"""Telling by a known value which of the attributes that can feed it do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from stackproof.plan.paths import parse_path
from stackproof.plan.references.evaluation import walk
from stackproof.plan.references.found import Found
from stackproof.plan.references.instances import Instances
from stackproof.plan.wiring import Feed

SHORTEST_PART = 3
"""Shorter texts can be found in others by chance."""


class Matching:
    """Compares values with those of attributes."""

    def __init__(self, instances: Instances) -> None:
        self._instances = instances
        self._known: dict[Feed, frozenset[str]] = {}

    def narrowed(self, found: Found, value: Any) -> Found:  # noqa: ANN401
        """What was found, without the attributes that a known value shows not to feed it.

        Every text in the value has to be accounted for: by attributes that are equal to it, or else by those that are
        part of it. Otherwise an attribute may have been converted on its way, and nothing is told by the value.
        """
        chosen: set[Feed] = set()
        unique = True
        for text in set(_texts(value)):
            same = [feed for feed in found.feeds if text in self._texts(feed)] or self._parts(text, found.feeds)
            if not same:
                return found
            chosen.update(same)
            unique = unique and len(same) == 1
        if not chosen:
            return found
        ways = {end: way for end, way in found.ways.items() if not isinstance(end, Feed) or end in chosen}
        return replace(found, ways=ways, doubts=() if unique else found.doubts)

    def _parts(self, text: str, feeds: tuple[Feed, ...]) -> list[Feed]:
        """The attributes that can be part of a text; none where that could be chance."""
        parts = {feed: [part for part in self._texts(feed) if part in text] for feed in feeds}
        told = any(len(part) >= SHORTEST_PART for found in parts.values() for part in found)
        return [feed for feed, found in parts.items() if found] if told else []

    def _texts(self, feed: Feed) -> frozenset[str]:
        """The texts that an attribute holds; those of all attributes where it is not known which it is."""
        if feed not in self._known:
            values = self._instances.values(feed.address)
            self._known[feed] = frozenset(
                _texts(walk(values, parse_path(feed.attribute)) if feed.attribute else values)
            )
        return self._known[feed]


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401
    """The texts, numbers and flags in a value, as they look in a text, in lower case."""
    if isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
    elif isinstance(value, str | int | float) and value != "":
        yield str(value).lower()
