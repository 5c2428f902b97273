"""A request that one stack allows and another does not, tried on both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from stackproof.analysis.access import globs
from stackproof.analysis.access.documents import Condition, PolicyKind, Statement
from stackproof.analysis.access.evaluation import Answer
from stackproof.analysis.access.operators import parse_operator
from stackproof.errors import PlanError

if TYPE_CHECKING:
    from stackproof.analysis.access.access import Access

TRIES = 24
"""Requests that are tried for one entry; most times the first will do."""

_Context = Mapping[str, str | None]


@dataclass(frozen=True)
class Witness:
    """A request; `is_proven` where it was allowed on one side and not on the other."""

    principal: str
    action: str
    resource: str
    context: _Context = field(default_factory=dict)
    is_proven: bool = False

    def __str__(self) -> str:
        given = ", ".join(f"{key}={value}" for key, value in self.context.items() if value is not None)
        return f"{self.principal} {self.action} on {self.resource}{f' with {given}' if given else ''}"

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "principal": self.principal,
            "action": self.action,
            "resource": self.resource,
            "context": dict(self.context),
            "proven": self.is_proven,
        }


def find_witness(
    head: Access,
    base: Access,
    *,
    principal: str,
    on: str,
    statement: Statement,
    points: Sequence[tuple[str, str]],
    was: Statement | None,
) -> Witness | None:
    """The first of the points at which `head` allows and `base` does not, with a context that shows it.

    Where none can be shown so, the first point as it is; None where there is no point.
    """
    first: Witness | None = None
    for (action, resource), context in islice(product(points, _contexts(statement, was)), TRIES):
        subject, target = _request(principal, resource, on, statement)
        candidate = Witness(subject, action, target, context)
        first = first or candidate
        if _is_allowed(head, candidate) and not _is_allowed(base, candidate):
            return Witness(subject, action, target, context, is_proven=True)
    return first


def _request(principal: str, resource: str, on: str, statement: Statement) -> tuple[str, str]:
    if statement.policy.kind is PolicyKind.TRUST:
        return principal, on
    if statement.policy.kind is PolicyKind.RESOURCE and not statement.resources:
        return principal, on
    return principal, resource or "*"


def _is_allowed(access: Access, witness: Witness) -> bool:
    context = dict(witness.context)
    try:
        decision = access.can(witness.principal, witness.action, witness.resource, context, complete=True)
    except PlanError:
        # a principal that this side does not have may do nothing, and a made-up action is nobody's
        return False
    return decision.verdict is Answer.ALLOW


def _contexts(statement: Statement, was: Statement | None) -> Iterable[_Context]:
    """Contexts that meet the conditions of one statement, and those that fail the other's first."""
    needed = {condition.key: _satisfying(condition) for condition in statement.conditions}
    contexts: list[_Context] = []
    for condition in was.conditions if was else ():
        if condition.key not in needed:
            contexts += [{**needed, condition.key: value} for value in _probes(condition)]
        for mine in statement.conditions:
            if mine.key.lower() == condition.key.lower():
                found = (globs.witness(text, _texts(condition)) for text in _texts(mine))
                contexts += [{**needed, mine.key: text} for text in found if text is not None]
    return [*contexts, needed]


def _satisfying(condition: Condition) -> str | None:
    operator = parse_operator(condition.operator)
    texts = _texts(condition)
    if operator is None or not texts:
        return None
    if operator.comparison == "Null":
        return None if texts[0] == "true" else "x"
    if operator.negated:
        return globs.witness("*", texts)
    value = texts[0].replace("*", "x").replace("?", "x")
    if operator.comparison == "IpAddress":
        return value.split("/")[0]
    return value


def _probes(condition: Condition) -> Iterable[str | None]:
    """Values that a condition may treat differently."""
    operator = parse_operator(condition.operator)
    if operator is not None and operator.comparison == "Bool":
        return ["true", "false", None]
    return [globs.witness("*", _texts(condition)), *_texts(condition), None]


def _texts(condition: Condition) -> tuple[str, ...]:
    return tuple(value for value in condition.values if isinstance(value, str))
