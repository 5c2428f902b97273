"""Parts that a plan takes away.

A group, an ACL or a route table that exists shows all that is in it now, also what separate resources put there. So
where a plan changes or deletes such a resource, the container still shows what it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from stackproof.plan import Action, Change, Stack
from stackproof.plan.values import Withheld

_GOING = (Action.UPDATE, Action.REPLACE, Action.DELETE)


def former(stack: Stack, types: Collection[str]) -> Iterator[Mapping[str, Any]]:
    """The values that resources of these types have now and will not have after the plan."""
    for kind in types:
        for resource in stack.resources(kind):
            if resource.change.action in _GOING and isinstance(resource.change.before, dict):
                yield resource.change.before
    # a plan also knows what it deletes, which is no part of the stack any more
    changes: Mapping[str, Change] = getattr(stack, "changes", {})
    for address in changes:
        if address not in stack and any(f"{kind}." in address for kind in types):
            change = changes[address]
            if change.action is Action.DELETE and isinstance(change.before, dict):
                yield change.before


def known(value: object) -> object:
    """A value to compare by; None, which equals no text, where it is withheld."""
    return None if isinstance(value, Withheld) else str.__str__(value) if isinstance(value, str) else value


def listed(value: object) -> tuple[object, ...]:
    """One value or a list of them, without empty ones."""
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in map(known, items) if item)
