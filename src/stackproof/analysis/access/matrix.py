"""Who may do what on what: every permission of every role and user, with the actions spelled out."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stackproof.analysis.access import actions, globs
from stackproof.analysis.access.actions import Level
from stackproof.analysis.access.documents import Condition, Effect, Statement, Text
from stackproof.analysis.access.evaluation import Answer
from stackproof.errors import PlanError
from stackproof.plan import Place, Resource
from stackproof.plan.values import Unknown

if TYPE_CHECKING:
    from stackproof.analysis.access.access import Access
    from stackproof.analysis.access.identities import Identity

UNKNOWN_TEXT = "(known after apply)"
MOST_ACTIONS = 120
"""A pattern that means more actions than these is shown as it is; the largest service has some 700."""


@dataclass(frozen=True, eq=False, repr=False)
class Permission:
    """One action, or one pattern for many, that a statement allows a role or user on resources of one pattern.

    `resources` are the addresses of those in the stack that the pattern means. What another policy takes away under
    conditions, or in part, is in `limits`. An action that AWS does not have is not `known`.
    """

    principal: str
    action: str
    level: Level | None
    pattern: str
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...]
    limits: str
    statement: Statement
    known: bool

    def __repr__(self) -> str:
        return f"<{self.principal} {self.action} on {self.pattern} by {self.statement}>"

    @property
    def place(self) -> Place | None:
        """File and line of the statement."""
        return self.statement.place

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "principal": self.principal,
            "action": self.action,
            "level": str(self.level) if self.level else None,
            "pattern": self.pattern,
            "resources": list(self.resources),
            "conditions": [
                {"operator": c.operator, "key": c.key, "values": [_shown(value) for value in c.values]}
                for c in self.conditions
            ],
            "limits": self.limits,
            "statement": str(self.statement),
            "place": str(self.place or ""),
            "known": self.known,
        }


@dataclass(frozen=True, eq=False)
class Matrix:
    """All permissions, and the policies that could not be read, each with the reason."""

    permissions: tuple[Permission, ...]
    undecided: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Permission]:
        return iter(self.permissions)

    def __len__(self) -> int:
        return len(self.permissions)

    def of(self, principal: Resource | str) -> Matrix:
        """The permissions of one role or user."""
        address = principal if isinstance(principal, str) else principal.address
        return Matrix(
            tuple(permission for permission in self.permissions if permission.principal == address),
            tuple(reason for reason in self.undecided if reason.startswith(f"{address}: ")),
        )

    def on(self, resource: Resource | str) -> Matrix:
        """The permissions on one resource of the stack."""
        address = resource if isinstance(resource, str) else resource.address
        return Matrix(tuple(p for p in self.permissions if address in p.resources), self.undecided)

    @property
    def actions(self) -> frozenset[str]:
        """The actions and patterns of all permissions."""
        return frozenset(permission.action for permission in self.permissions)

    @property
    def unknown_actions(self) -> tuple[Permission, ...]:
        """Permissions for actions that AWS does not have, such as misspelt ones."""
        return tuple(permission for permission in self.permissions if not permission.known)

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "permissions": [permission.as_dict() for permission in self.permissions],
            "undecided": list(self.undecided),
        }


def matrix(access: Access) -> Matrix:
    """The permissions of every role and user, by their identity policies, within boundaries and less all denies."""
    identities = (*access.identities.roles, *access.identities.users)
    maker = _Maker(access)
    undecided = [
        f"{identity.address}: {policy}: {policy.undecided}"
        for identity in identities
        for policy in identity.policies
        if policy.undecided
    ]
    return Matrix(tuple(p for identity in identities for p in maker.of(identity)), tuple(undecided))


class _Maker:
    def __init__(self, access: Access) -> None:
        self._access = access

    def of(self, identity: Identity) -> Iterator[Permission]:
        for policy in identity.policies:
            for statement in policy.statements:
                if statement.effect is Effect.ALLOW:
                    yield from self._of_statement(identity, statement)

    def _of_statement(self, identity: Identity, statement: Statement) -> Iterator[Permission]:
        names: list[tuple[str, Level | None, bool]]
        if statement.not_actions:
            names = [(f"everything but {', '.join(map(_shown, statement.not_actions))}", Level.PERMISSIONS, True)]
        else:
            names = [named for text in statement.actions for named in _spelled_out(text)]
        if statement.not_resources:
            patterns: list[Text] = [f"everything but {', '.join(map(_shown, statement.not_resources))}"]
        else:
            patterns = list(statement.resources)
        for name, level, known in names:
            for pattern in patterns:
                limits = self._limits(identity, statement, name, pattern) if known else ""
                if limits is not None:
                    yield Permission(
                        principal=identity.address,
                        action=name,
                        level=level,
                        pattern=_shown(pattern),
                        resources=self._meant(pattern) if isinstance(pattern, str) else (),
                        conditions=statement.conditions,
                        limits=limits,
                        statement=statement,
                        known=known,
                    )

    def _limits(self, identity: Identity, statement: Statement, action: str, pattern: Text) -> str | None:
        """What else decides on a permission; "" for nothing, None where it is denied after all."""
        if "*" in action or " " in action or not isinstance(pattern, str) or " " in pattern:
            return self._limits_of_patterns(identity)
        try:
            decision = self._access.can(identity.address, action, pattern)
        except PlanError:
            return ""
        if decision.verdict is Answer.DENY:
            return None
        if decision.verdict is Answer.UNDECIDED and decision.statement is not statement:
            return decision.reason
        return ""

    def _limits_of_patterns(self, identity: Identity) -> str:
        denies = [s for p in identity.policies for s in p.statements if s.effect is Effect.DENY]
        found = [f"what {deny} denies" for deny in denies]
        if identity.boundary is not None:
            found.append(f"within the {identity.boundary}")
        return "; ".join(found)

    def _meant(self, pattern: str) -> tuple[str, ...]:
        """The resources that a pattern means, a part of them, or everything in them."""
        if pattern == "*":
            return ()
        whole = pattern.removesuffix("/*").removesuffix(":*")
        begin = re.split(r"[*?$]", whole, maxsplit=1)[0]
        # most patterns begin with all of an ARN, or nearly so
        at = bisect.bisect_left(self._arns, (begin, ""))
        found = []
        while at < len(self._arns) and self._arns[at][0].startswith(begin):
            arn, address = self._arns[at]
            if arn == whole or globs.matches(pattern, arn):
                found.append(address)
            at += 1
        return tuple(found)

    @cached_property
    def _arns(self) -> list[tuple[str, str]]:
        """The known ARNs, sorted, each with the address."""
        found = []
        for resource in self._access.stack.resources():
            arn = resource.values.get("arn")
            if isinstance(arn, str) and len(arn):
                found.append((str.__str__(arn), resource.address))
        return sorted(found)


def _spelled_out(text: Text) -> list[tuple[str, Level | None, bool]]:
    """The actions that a pattern means, each with its level and whether AWS has it."""
    if isinstance(text, Unknown):
        return [(UNKNOWN_TEXT, None, True)]
    if globs.is_plain(text):
        return [(actions.spelled(text), actions.level(text), actions.is_known(text))]
    names = () if text == "*" else actions.expand(text)
    if text == "*" or len(names) > MOST_ACTIONS or text.lower().split(":")[-1] == "*":
        # a whole service is said by its name
        level = Level.PERMISSIONS if text == "*" else _highest(names)
        return [(text, level, text == "*" or bool(names))]
    return [(name, actions.level(name), True) for name in names] or [(text, None, False)]


def _highest(names: tuple[str, ...]) -> Level | None:
    levels = [found for name in names if (found := actions.level(name)) is not None]
    return max(levels, key=lambda found: found.rank, default=None)


def _shown(text: Text) -> str:
    return text if isinstance(text, str) else UNKNOWN_TEXT
