"""Whose a value is: ids, ARNs and names of a state by which exactly one instance can be told."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from .state import State

SHORTEST = 6
"""Shorter texts turn up in others by chance."""

_NAMING = re.compile(
    r"(?:.*_)?(?:id|arn|name|bucket|family|identifier|url|uri|endpoint|fqdn|suffix|ip|address|zone|key|revision)"
)


@dataclass(frozen=True)
class Identity:
    """A value, and the only instance that it can come from."""

    value: str
    owner: str


class Identities:
    """The identities of a state, to be found in texts."""

    def __init__(self, state: State) -> None:
        holders: dict[str, set[str]] = defaultdict(set)
        for instance in state.instances.values():
            for name, value in instance.values.items():
                if isinstance(value, str) and len(value) >= SHORTEST and _NAMING.fullmatch(name):
                    holders[value].add(instance.address)
        self._known = {value: _identity(value, frozenset(found), state) for value, found in holders.items()}

    def found_in(self, text: str) -> Iterator[Identity]:
        """The identities in a text, each once; not those that are only a part of a longer one there."""
        spans = [
            (match.start(), match.end(), value)
            for value in self._known
            if value in text
            for match in re.finditer(rf"(?<![\w-]){re.escape(value)}(?![\w-])", text)
        ]
        told = {
            value
            for start, end, value in spans
            if not any(first <= start and end <= last and (first, last) != (start, end) for first, last, _ in spans)
        }
        for value in sorted(told):
            identity = self._known[value]
            if identity is not None:
                yield identity


def _identity(value: str, holders: frozenset[str], state: State) -> Identity | None:
    """What a value tells; nothing where several instances have it that did not get it from one of them."""
    origins = [
        address
        for address in holders
        if not any(state.depends(address, other) for other in holders if other != address)
    ]
    return Identity(value, origins[0]) if len(origins) == 1 else None
