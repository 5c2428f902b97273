"""Telling by a known value which of the attributes that can feed it do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from stackproof.plan.evaluation import walk
from stackproof.plan.found import Found
from stackproof.plan.instances import Instances
from stackproof.plan.paths import parse_path
from stackproof.plan.wiring import Feed

SHORTEST_PART = 3
"""Shorter texts can be found in others by chance."""


def narrowed(found: Found, value: Any, instances: Instances) -> Found:  # noqa: ANN401
    """What was found, without the attributes that a known value shows not to feed it.

    Every text in the value has to be accounted for: by attributes that are equal to it, or else that are part of it.
    Otherwise an attribute may have been converted on its way, and nothing is told by the value.
    """
    if found.missing or not found.feeds:
        return found
    candidates = {feed: _texts_of(feed, instances) for feed in found.feeds}
    chosen: set[Feed] = set()
    unique = True
    for text in _texts(value):
        same = [feed for feed, texts in candidates.items() if text in texts]
        if not same:
            same = [
                feed for feed, texts in candidates.items() if feed.attribute and any(part in text for part in texts)
            ]
        if not same:
            return found
        chosen.update(same)
        unique = unique and len(same) == 1
    if not chosen:
        return found
    ways = {end: way for end, way in found.ways.items() if not isinstance(end, Feed) or end in chosen}
    return replace(found, ways=ways, doubts=() if unique else found.doubts)


def _texts_of(feed: Feed, instances: Instances) -> set[str]:
    """The texts that an attribute holds; those of all attributes where it is not known which it is."""
    values = instances.values(feed.address)
    return set(_texts(walk(values, parse_path(feed.attribute)) if feed.attribute else values))


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401
    if isinstance(value, str):
        if len(value) >= SHORTEST_PART:
            yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
