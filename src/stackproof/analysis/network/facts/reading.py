"""Reads arguments that may be unknown, unset or sensitive, without ever taking one for the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackproof.analysis.network.facts.doubts import NO, YES, Chance, Doubt, Doubts
from stackproof.plan import Resource, Sensitive, Stack, Unknown
from stackproof.plan.values import Block, Value, Withheld
from stackproof.plan.wiring import Traced

_BLOCKS = ("egress", "ingress", "route")
"""Arguments that can be written as blocks, so that dynamic ones may make them."""


def every(stack: Stack, types: Iterable[str], *, data: bool = False) -> Iterator[Resource]:
    """The managed resources of some types, with the data sources of the same types where they are wanted, too."""
    for name in types:
        yield from stack.resources(name)
        if data:
            yield from stack.data_sources(name)


def doubt(resource: Resource, path: str, value: Value = None) -> Doubt:
    """The doubt about a value that cannot be read."""
    if isinstance(value, Sensitive):
        return Doubt(resource.address, path, "sensitive, and not kept")
    return Doubt(resource.address, path, value.reason if isinstance(value, Unknown) else "known after apply")


def is_unset(resource: Resource, path: str) -> bool:
    """Whether an argument is left to its default.

    The plan says "known after apply" of computed arguments that nobody set, too; nothing feeds those.
    """
    value = resource.get(path)
    if isinstance(value, Unknown):
        wiring = resource.wired(path)
        if wiring.exact or wiring.feeds:
            return not wiring.feeds
        # without the HCL, dynamic blocks cannot be seen, but arguments can
        written = resource.arguments
        return bool(written) and path.isidentifier() and path not in (*written, *_BLOCKS)
    return value is None or (not isinstance(value, Withheld | Traced) and value in ("", []))


def flag(resource: Resource, path: str, *, default: bool = False) -> Chance:
    """A true or false argument; texts "true" and "false" are what some resources have instead."""
    value = resource.get(path)
    if isinstance(value, Withheld):
        if is_unset(resource, path):
            return YES if default else NO
        return Chance(possible=True, doubts=(doubt(resource, path, value),))
    if value is None or value == "":
        return YES if default else NO
    return YES if value is True or value == "true" else NO


def text(resource: Resource, path: str, default: str = "") -> str:
    """A text argument that decides nothing where it is not known: the default then."""
    value = resource.get(path)
    return str.__str__(value) if isinstance(value, str) else default


def is_one_of(resource: Resource, path: str, *values: str) -> Chance:
    """Whether a text is one of these; perhaps, where it is set and not known."""
    value = resource.get(path)
    if isinstance(value, Withheld) and not is_unset(resource, path):
        return Chance(possible=True, doubts=(doubt(resource, path, value),))
    return YES if text(resource, path) in values else NO


def number(resource: Resource, path: str) -> int | Doubt | None:
    """A whole number; None where it is unset, the doubt where it is not known."""
    value = resource.get(path)
    if isinstance(value, Withheld):
        return None if is_unset(resource, path) else doubt(resource, path, value)
    if isinstance(value, bool) or value is None or value == "":
        return None
    return int(value)


def texts(resource: Resource, path: str) -> tuple[tuple[str, ...], Doubts]:
    """The known texts at a path, one or a list, with a doubt where there may be more."""
    value = resource.get(path)
    if isinstance(value, Withheld):
        return ((), ()) if is_unset(resource, path) else ((), (doubt(resource, path, value),))
    items = value if isinstance(value, list) else [value]
    known = tuple(item for item in items if isinstance(item, str) and len(item))
    return known, tuple(doubt(resource, path, item) for item in items if isinstance(item, Withheld))[:1]


def blocks(resource: Resource, path: str) -> Iterator[tuple[str, Block]]:
    """The nested blocks at a path, each with its own path; where they are set but not known, one of unknown content."""
    if hidden_blocks(resource, path):
        yield f"{path}[0]", Block()
    yield from known_blocks(resource, path)


def known_blocks(resource: Resource, path: str) -> Iterator[tuple[str, Block]]:
    """The nested blocks at a path that are known, each with its own path."""
    value = resource.get(path)
    if isinstance(value, list):
        for position, item in enumerate(value):
            if isinstance(item, Block):
                yield f"{path}[{position}]", item


def hidden_blocks(resource: Resource, path: str) -> Doubts:
    """A doubt where nested blocks at a path are set but not known."""
    value = resource.get(path)
    if isinstance(value, Withheld) and not is_unset(resource, path):
        return (doubt(resource, path, value),)
    if isinstance(value, list):
        return tuple(doubt(resource, path, item) for item in value if isinstance(item, Withheld))[:1]
    return ()
