"""A permission: what one statement allows one principal, spelled out."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from stackproof.analysis.access.catalog import actions
from stackproof.analysis.access.catalog.actions import Level
from stackproof.analysis.access.documents.documents import Condition, Statement, Text
from stackproof.analysis.access.patterns import globs
from stackproof.analysis.access.patterns.regions import Box, Region
from stackproof.plan import Place

UNKNOWN = "(known after apply)"


class Standing(StrEnum):
    """What becomes of a permission that a statement gives."""

    ALLOWED = "allowed"
    CONDITIONAL = "allowed under conditions"
    UNDECIDED = "undecided"
    UNKNOWN_ACTION = "unknown action"
    WITHOUT_EFFECT = "without effect"

    @property
    def is_effective(self) -> bool:
        """Whether it is for requests that there are."""
        return self not in (Standing.UNKNOWN_ACTION, Standing.WITHOUT_EFFECT)


@dataclass(frozen=True, eq=False)
class Permission:
    """One action, or one pattern for all of a service or more, that a statement allows on resources of one pattern.

    `written` is the pattern of actions in the statement, `resources` are the addresses of what `pattern` means in the
    stack. The conditions are those of the statement and of the boundary; `limits` says what else may take it away, and
    is empty for nothing. It is for the requests in `region` that are in no box of `denied`.
    """

    principal: str
    action: str
    written: str
    level: Level | None
    pattern: str
    resources: tuple[str, ...]
    standing: Standing
    conditions: tuple[Condition, ...]
    limits: str
    statement: Statement = field(repr=False)
    region: Region = field(repr=False)
    denied: tuple[Box, ...] = field(repr=False, default=())

    @property
    def known(self) -> bool:
        """Whether AWS has such an action."""
        return self.standing is not Standing.UNKNOWN_ACTION

    @property
    def place(self) -> Place | None:
        """File and line of the statement."""
        return self.statement.place

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "principal": self.principal,
            "action": self.action,
            "written": self.written,
            "level": str(self.level) if self.level else None,
            "pattern": self.pattern,
            "resources": list(self.resources),
            "standing": str(self.standing),
            "conditions": [
                {"operator": each.operator, "key": each.key, "values": [shown(value) for value in each.values]}
                for each in self.conditions
            ],
            "limits": self.limits,
            "known": self.known,
            "statement": str(self.statement),
            "place": str(self.place or ""),
        }


def shown(text: Text) -> str:
    """A text, or what stands for one that is not known."""
    return text if isinstance(text, str) else UNKNOWN


@functools.cache
def level_of(action: str) -> Level | None:
    """The level of an action, or the highest of those that a pattern stands for."""
    if action == UNKNOWN:
        return None
    if action == "*" or " " in action:
        return Level.PERMISSIONS
    if globs.is_plain(action):
        return actions.level(action)
    found = [level for name in actions.expand(action) if (level := actions.level(name))]
    return max(found, key=lambda level: level.rank, default=None)
