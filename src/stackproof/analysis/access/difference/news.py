"""One piece of new access, as people and programs read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from stackproof.analysis.access.comparison import symbols
from stackproof.analysis.access.comparison.growth import Growth
from stackproof.analysis.access.difference.proofs import Certainty, Proof, Witness
from stackproof.analysis.access.documents.documents import Condition, PolicyKind, Statement, Text
from stackproof.analysis.access.patterns.regions import Texts
from stackproof.plan import Place

NOTHING_KNOWN = Texts(())


class Cause(Enum):
    """Why something is allowed on one side only: as one says of what is new, and of what is lost."""

    STATEMENT = "nothing allowed it", "nothing allows it any more"
    CONDITIONS = "its conditions are wider or changed", "its conditions are narrower or changed"
    DENY = "a deny is gone or narrower", "a deny is new or wider"
    BOUNDARY = "the permissions boundary is gone or wider", "the permissions boundary is new or narrower"
    PRINCIPAL = "the principal is new", "the principal is gone"
    RESOURCE = "the resource is new", "the resource is gone"


@dataclass(frozen=True, eq=False)
class NewAccess:
    """Something that one stack allows to a principal and the other does not.

    `principal` is the address of a role, user or group, or whom a resource or trust policy names, "*" for everybody.
    `on` is the address of the resource, or the service, whose policy it is; "" for identity policies. Each of `actions`
    on each of `resources` is new for some requests under `conditions`; both are empty where nobody knows them.

    `statement` allows it, and is None where that is a policy which the stack does not have; `was` is a statement of the
    other side that denied or limited it. An entry is `exact` where its witness was tried on both sides, `undecided`
    where it depends on what a plan does not know; where it is neither, the docstring of `difference` says what may be.
    """

    principal: str
    actions: Texts
    resources: Texts
    conditions: tuple[Condition, ...]
    kind: PolicyKind
    reason: str
    on: str = ""
    statement: Statement | None = None
    was: Statement | None = None
    witness: Witness | None = None
    exact: bool = False
    undecided: bool = False

    @property
    def place(self) -> Place | None:
        """File and line of the statement that allows it."""
        return self.statement.place if self.statement else None

    def __str__(self) -> str:
        sure = "" if self.exact else " (undecided)" if self.undecided else " (possibly)"
        what = f"{self.actions} on {self.resources}" if self.actions.patterns or self.actions.is_rest else self.kind
        shown = f"; such as {self.witness}" if self.witness else ""
        return f"{self.principal}: {what}{sure}: {self.reason}{shown}{f' ({self.place})' if self.place else ''}"

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "principal": self.principal,
            "kind": str(self.kind),
            "on": self.on,
            "actions": _listed(self.actions),
            "resources": _listed(self.resources),
            "conditions": [f"{c} = {', '.join(map(_text, c.values))}" for c in self.conditions],
            "reason": self.reason,
            "statement": str(self.statement) if self.statement else "",
            "place": str(self.place or ""),
            "was": str(self.was) if self.was else "",
            "witness": self.witness.as_dict() if self.witness else None,
            "exact": self.exact,
            "undecided": self.undecided,
        }


def news(
    principal: str,
    growth: Growth,
    proof: Proof,
    *,
    kind: PolicyKind,
    reason: str,
    on: str = "",
    statement: Statement | None = None,
    was: Statement | None = None,
) -> NewAccess:
    """An entry from what grew, how it is known, and why."""
    spelled = {
        text.lower(): text for of in (statement, was) if of for text in map(_text, (*of.actions, *of.not_actions))
    }
    grown = statement or was
    is_implied = on and grown is not None and not (grown.resources or grown.not_resources)
    return NewAccess(
        principal=principal,
        actions=_each(growth.actions, lambda pattern: spelled.get(pattern, pattern)),
        resources=Texts((on,)) if is_implied else _each(growth.resources, symbols.written),
        conditions=tuple(map(_as_written, growth.opening.conditions)),
        kind=kind,
        reason=f"{reason}; {proof.reason}" if proof.reason else reason,
        on=on,
        statement=statement or proof.statement,
        was=was,
        witness=proof.witness,
        exact=proof.certainty is Certainty.CERTAIN,
        undecided=proof.certainty is Certainty.UNDECIDED,
    )


def unknown(principal: str, kind: PolicyKind, reason: str, *, on: str = "") -> NewAccess:
    """An entry for what nobody knows."""
    return NewAccess(principal, NOTHING_KNOWN, NOTHING_KNOWN, (), kind, reason, on=on, undecided=True)


def _listed(texts: Texts) -> list[str]:
    return [str(texts)] if texts.is_rest else list(texts.patterns)


def _text(text: Text) -> str:
    return text if isinstance(text, str) else f"({text.reason})"


def _as_written(condition: Condition) -> Condition:
    values = (symbols.written(value) if isinstance(value, str) else value for value in condition.values)
    return replace(condition, values=tuple(values))


def _each(texts: Texts, shown: Callable[[str], str]) -> Texts:
    return replace(texts, patterns=tuple(map(shown, texts.patterns)))
