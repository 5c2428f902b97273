"""Requests that show what changed: looked for where patterns say that there is one, and put to both stacks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stackproof.analysis.access import actions, globs, symbols
from stackproof.analysis.access.conditions import hold
from stackproof.analysis.access.context import Context, Given
from stackproof.analysis.access.derived import derived
from stackproof.analysis.access.documents import Condition, Policy, Statement
from stackproof.analysis.access.evaluation import Answer, Decision
from stackproof.analysis.access.examples import values_of
from stackproof.analysis.access.growth import Opening
from stackproof.analysis.access.parties import ARN_PARTS, Caller, Kind, Parties
from stackproof.analysis.access.regions import ALL, Texts
from stackproof.errors import PlanError

if TYPE_CHECKING:
    from stackproof.analysis.access.access import Access

_USUAL_SERVICES = ("iam", "s3", "kms", "lambda", "ec2")
"""Where an action is looked for that a pattern for all services means."""

_MOST_ACTIONS = 400
_MOST_PAIRS = 8
_MOST_CONTEXTS = 192


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

    It `is_proven` where one stack allows it and the other does not.
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


@dataclass(frozen=True)
class Asked:
    """A principal or resource as the head knows it and as the base does; None where the base does not have it."""

    head: str
    base: str | None


class Prover:
    """Looks for requests that `head` allows and `base` does not."""

    def __init__(self, head: Access, base: Access) -> None:
        self._head = head
        self._base = base
        self._parties = {access: Parties(access.stack, access.identities) for access in (head, base)}

    def prove(self, who: Asked, opening: Opening, target: Asked | None = None) -> Proof:
        """The most certain of some requests in an opening, by a principal, for `target` where any resource will do."""
        best = Proof(Certainty.POSSIBLE, reason="no request was found that shows it")
        if opening.doubt:
            return Proof(Certainty.UNDECIDED, reason=opening.doubt)
        for action, resource in itertools.islice(self._pairs(opening, target), _MOST_PAIRS):
            proof = self._among_contexts(who, action, resource, opening.conditions)
            if proof.certainty is Certainty.CERTAIN:
                return proof
            if best.witness is None and proof.witness is not None:
                best = proof
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
        if before is not None and before.verdict is Answer.UNDECIDED:
            return Proof(Certainty.UNDECIDED, witness, f"before: {before.reason}", after.statement)
        return Proof(Certainty.CERTAIN, replace(witness, is_proven=True), statement=after.statement)

    def _before(self, who: Asked, action: str, resource: Asked, context: Mapping[str, Given]) -> Decision | None:
        """The base's answer; None where principal or resource was not there to be asked about."""
        if who.base is None or resource.base is None:
            return None
        return self._base.can(who.base, action, resource.base, context, complete=True)

    def _pairs(self, opening: Opening, target: Asked | None) -> Iterator[tuple[str, Asked]]:
        """Actions that AWS has, the most powerful first, each with a resource that it is for."""
        if opening.gap is None:
            return
        for action in self._actions(opening):
            lowered = action.lower()
            about = [cover.resources for cover in opening.covers if lowered in cover.actions]
            inside = opening.region.resources
            if target is not None and not about and all(texts == ALL for texts in inside):
                yield action, target
                continue
            found = self._resource(action, inside, about)
            if found is not None:
                yield action, Asked(found, found)

    def _actions(self, opening: Opening) -> Iterator[str]:
        first = opening.region.actions[0]
        patterns = first.patterns if not first.is_rest else ("*",)
        expanded = itertools.chain.from_iterable(map(actions.expand, self._narrowed(patterns, opening)))
        inside = opening.region.actions
        found = (a for a in expanded if all(a.lower() in texts for texts in inside))
        yield from sorted(itertools.islice(found, _MOST_ACTIONS), key=_power)

    def _narrowed(self, patterns: Sequence[str], opening: Opening) -> Iterator[str]:
        """Patterns with a service instead of a wildcard for it: data about all services takes long to read."""
        named = [r.split(":")[2] for texts in opening.region.resources for r in texts.patterns if r.count(":") > 1]
        services = dict.fromkeys([*filter(globs.is_plain, named), *_USUAL_SERVICES])
        for pattern in patterns:
            service, _, name = pattern.partition(":")
            if globs.is_plain(service):
                yield pattern
            else:
                yield from (f"{known}:{name or '*'}" for known in services if globs.matches(service, known))

    def _resource(self, action: str, inside: Sequence[Texts], outside: Sequence[Texts]) -> str | None:
        """A resource of the action in all of the sets and none of the others: of the stack's own, if there is one."""
        types = actions.resource_types(action)

        def is_open(arn: str) -> bool:
            return all(arn in texts for texts in inside) and not any(arn in texts for texts in outside)

        if not types:
            return next(filter(is_open, ("*", f"arn:{self._partition}:s3:::*")), None)
        for arn in self._arns:
            for whole in (arn, f"{arn}/example"):
                if any(globs.matches(form, whole) for form in types.values()) and is_open(whole):
                    return whole
        clauses = [clause for texts in inside for clause in texts.inside]
        clauses += [clause for texts in outside for clause in texts.outside]
        for form in types.values():
            for narrowed in filter(None, (symbols.arn_pattern(self._in_place(form)), symbols.arn_pattern(form))):
                found = globs.solve((globs.Clause((narrowed,)), *dict.fromkeys(clauses)))
                if found is not None and is_open(symbols.example(found)):
                    return symbols.example(found)
        return None

    @cached_property
    def _arns(self) -> tuple[str, ...]:
        arns = (resource.get("arn") for resource in self._head.stack.resources())
        return tuple(str.__str__(arn) for arn in arns if isinstance(arn, str) and len(arn))

    @property
    def _partition(self) -> str:
        known = self._parties[self._head].partition
        return known if globs.is_plain(known) else "aws"

    def _in_place(self, form: str) -> str:
        """The form of an ARN in the partition, a region and the account of the stack."""
        parts = form.split(":", ARN_PARTS - 1)
        usual = {1: self._partition, 3: "eu-west-1", 4: self._parties[self._head].account or "123456789012"}
        return ":".join(usual.get(number, part) if part == "*" else part for number, part in enumerate(parts))

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


def _power(action: str) -> tuple[int, int, str]:
    """The more an action lets do, the sooner it is shown."""
    level, service = actions.level(action), action.partition(":")[0]
    usual = _USUAL_SERVICES.index(service) if service in _USUAL_SERVICES else len(_USUAL_SERVICES)
    return -level.rank if level else 0, usual, action


def _is_about(statement: Statement, action: str) -> bool:
    if statement.not_actions:
        return True
    return any(not isinstance(text, str) or globs.matches(text.lower(), action) for text in statement.actions)
