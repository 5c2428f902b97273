"""Comparisons of small stacks, as the tests of new access need them."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from stackproof.analysis.access import Access
from stackproof.analysis.access.difference.difference import NewAccess, new_access
from stackproof.plan import Plan

from .conftest import Entry, Statement, role, role_policy, stack

Entries = Sequence[Entry]


def access(*entries: Entry) -> Access:
    return Access(stack(*entries))


def compared(base: Entries, head: Entries) -> tuple[NewAccess, ...]:
    """What the second stack newly allows."""
    return new_access(access(*base), access(*head))


def of_role(*statements: Statement) -> Entries:
    """A stack with one role that has these statements."""
    return [role("app"), role_policy("app", *statements)] if statements else [role("app")]


def only(entries: Sequence[NewAccess]) -> NewAccess:
    assert len(entries) == 1, [str(entry) for entry in entries]
    return entries[0]


def moved(entries: Entries, addresses: dict[str, str]) -> Access:
    """The stack in which `moved` blocks say what addresses were before."""
    document: dict[str, Any] = deepcopy(dict(stack(*entries).document))
    for change in document["resource_changes"]:
        if change["address"] in addresses:
            change["previous_address"] = addresses[change["address"]]
    return Access(Plan(document, environment="test"))
