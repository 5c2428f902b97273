"""Requests that show what changed: looked for where patterns say that there is one, and put to both stacks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from stackproof.analysis.access.comparison.growth import Opening
from stackproof.analysis.access.difference.callers import Asked
from stackproof.analysis.access.difference.candidates import Candidates
from stackproof.analysis.access.difference.counterparts import Counterparts
from stackproof.analysis.access.difference.examples import values_of
from stackproof.analysis.access.documents.documents import Condition, Policy, Statement
from stackproof.analysis.access.evaluation.conditions import hold
from stackproof.analysis.access.evaluation.context import Context, Given
from stackproof.analysis.access.evaluation.derived import derived
from stackproof.analysis.access.evaluation.evaluation import Answer, Decision
from stackproof.analysis.access.evaluation.parties import Caller, Kind, Parties
from stackproof.analysis.access.evaluation.policies import Policies
from stackproof.analysis.access.patterns import globs
from stackproof.errors import PlanError
from stackproof.verdict import Undecided

_MOST_PAIRS = 8
_MOST_CONTEXTS = 192
_MOST_STATEMENTS = 200_000
"""How many statements are looked at for all requests together, before none is tried any more."""


class Certainty(StrEnum):
    """How sure it is that a request is allowed now and was not before."""

    CERTAIN = "certain"
    """The request that is shown is."""
    POSSIBLE = "possible"
    """Patterns say so, but no request was found that shows it."""
    UNDECIDED = "undecided"
    """It depends on what a plan does not know."""


@dataclass(frozen=True)
class Witness:
    """A request: who, by address, ARN or service, does what to which resource, and its other condition keys.

    A key that is not in `context` is one that the request does not have. It `is_proven` where one stack allows it and
    the other does not.
    """

    principal: str
    action: str
    resource: str
    context: Mapping[str, Given] = field(default_factory=dict)
    is_proven: bool = False

    def __str__(self) -> str:
        given = ", ".join(f"{key}={value}" for key, value in self.context.items())
        return f"{self.principal} {self.action} on {self.resource}" + (f" with {given}" if given else "")

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        request = {"principal": self.principal, "action": self.action, "resource": self.resource}
        return {**request, "context": dict(self.context), "proven": self.is_proven}


@dataclass(frozen=True, eq=False)
class Proof:
    """A request that shows an opening, where there is one, and how certain that is; `reason` says why not more."""

    certainty: Certainty
    witness: Witness | None = None
    reason: str = ""
    statement: Statement | None = None


class Prover:
    """Looks for requests that `head` allows and `base` does not."""

    def __init__(self, head: Policies, base: Policies, former: Counterparts) -> None:
        self._head = head
        self._base = base
        self._former = former
        self._left = _MOST_STATEMENTS
        self._parties = {access: Parties(access.stack, access.identities) for access in (head, base)}
        self._candidates = Candidates(head.stack, self._parties[head])

    def prove(self, who: Asked, opening: Opening, target: Asked | None = None) -> Proof:
        """The most certain of some requests in an opening, by a principal, for `target` where any resource will do."""
        best = Proof(Certainty.POSSIBLE, reason="no request was found that shows it")
        if self._left < 0:
            return Proof(Certainty.POSSIBLE, reason="there is too much that is new to try a request for each")
        if opening.doubt:
            return Proof(Certainty.UNDECIDED, reason=opening.doubt)
        try:
            for action, resource in itertools.islice(self._requests(opening, target), _MOST_PAIRS):
                proof = self._among_contexts(who, action, resource, opening.conditions)
                if proof.certainty is Certainty.CERTAIN:
                    return proof
                if best.witness is None and (proof.witness or proof.reason):
                    best = proof
        except Undecided as reason:
            return Proof(Certainty.UNDECIDED, reason=str(reason))
        return best

    def _among_contexts(self, who: Asked, action: str, resource: Asked, needed: Sequence[Condition]) -> Proof:
        best = Proof(Certainty.POSSIBLE)
        try:
            caller = self._parties[self._head].caller(who.head)
            for context in itertools.islice(self._contexts(caller, who, action, resource, needed), _MOST_CONTEXTS):
                proof = self._tried(caller, who, action, resource, context)
                if proof.certainty is Certainty.CERTAIN:
                    return proof
                if best.witness is None:
                    best = proof
        except PlanError as error:
            return Proof(Certainty.POSSIBLE, reason=error.what)
        return best

    def _tried(self, caller: Caller, who: Asked, action: str, resource: Asked, context: Mapping[str, Given]) -> Proof:
        policies = caller.identity.policies if caller.identity else ()
        self._left -= 1 + sum(len(policy.statements) for policy in policies)
        after = self._head.can(who.head, action, resource.head, context, complete=True)
        if after.verdict is Answer.DENY:
            return Proof(Certainty.POSSIBLE, reason=after.reason)
        before = self._before(who, action, resource, context)
        if before is not None and before.verdict is Answer.ALLOW:
            return Proof(Certainty.POSSIBLE, reason="what was tried was allowed before")
        shown = {key: value for key, value in context.items() if value is not None}
        witness = Witness(who.head, action, resource.head, shown)
        if after.verdict is Answer.UNDECIDED:
            is_outside = caller.identity is None and caller.kind in (Kind.ROLE, Kind.USER, Kind.SESSION)
            certainty = Certainty.POSSIBLE if is_outside else Certainty.UNDECIDED
            return Proof(certainty, witness, after.reason, after.statement)
        if before is not None and before.verdict is Answer.UNDECIDED and not self._is_of_new(resource.head):
            return Proof(Certainty.UNDECIDED, witness, f"before: {before.reason}", after.statement)
        return Proof(Certainty.CERTAIN, replace(witness, is_proven=True), statement=after.statement)

    def _before(self, who: Asked, action: str, resource: Asked, context: Mapping[str, Given]) -> Decision | None:
        """The base's answer; None where principal or resource was not there to be asked about."""
        if who.base is None or resource.base is None:
            return None
        return self._base.can(who.base, action, resource.base, context, complete=True)

    def _is_of_new(self, resource: str) -> bool:
        """Whether it belongs to a resource that the base does not have, so that nobody could do anything to it."""
        holder = self._parties[self._head].target(resource).holder
        return holder is not None and holder.type in self._former.types and self._former.of(holder.address) is None

    def _requests(self, opening: Opening, target: Asked | None) -> Iterator[tuple[str, Asked]]:
        for action, resource in self._candidates.of(opening, target.head if target else None):
            is_target = target is not None and resource == target.head
            yield action, target if target is not None and is_target else Asked(resource, resource)

    def _contexts(
        self, caller: Caller, who: Asked, action: str, resource: Asked, needed: Sequence[Condition]
    ) -> Iterator[dict[str, Given]]:
        """Contexts that meet the needed conditions, and differ in whatever other policies look at."""
        target = self._parties[self._head].target(resource.head)
        settled = {key.lower() for key in derived(caller, target)}
        by_key: dict[str, list[Condition]] = {}
        names: dict[str, str] = {}
        for condition in (*needed, *self._looked_at(who, action, resource)):
            key = condition.key.lower()
            if key and key not in settled:
                names.setdefault(key, condition.key)
                by_key.setdefault(key, []).append(condition)
        choices = []
        for key, conditions in by_key.items():
            must = [condition for condition in needed if condition.key.lower() == key]
            values = [v for v in values_of(conditions) if hold(must, Context({key: v}, complete=True)) is not False]
            choices.append([(names[key], value) for value in values])
        for chosen in itertools.product(*choices):
            yield dict(chosen)

    def _looked_at(self, who: Asked, action: str, resource: Asked) -> Iterator[Condition]:
        """The conditions of all statements about the action, in the policies of the principal and the resource."""
        sides = ((self._head, who.head, resource.head), (self._base, who.base, resource.base))
        for access, principal, what in sides:
            policies: list[Policy] = []
            identity = self._parties[access].identity(principal) if principal else None
            if identity is not None:
                policies += [*identity.policies, *([identity.boundary] if identity.boundary else [])]
            holder = self._parties[access].target(what).holder if what else None
            if holder is not None:
                policies += access.identities.resource_policies.get(holder.address, ())
                policies += [role.trust for role in access.identities.roles if role.address == holder.address]
            policies += access.identities.service_policies.get(action.partition(":")[0].lower(), ())
            for policy in policies:
                for statement in policy.statements:
                    if statement.conditions and _is_about(statement, action.lower()):
                        yield from statement.conditions


def _is_about(statement: Statement, action: str) -> bool:
    if statement.not_actions:
        return True
    return any(not isinstance(text, str) or globs.matches(text.lower(), action) for text in statement.actions)
