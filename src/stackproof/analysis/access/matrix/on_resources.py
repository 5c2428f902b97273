"""What the policies of resources, and the trust policies of roles, say of one principal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from stackproof.analysis.access.comparison.rules import Rule, at_most
from stackproof.analysis.access.documents.documents import Effect, Policy, Statement
from stackproof.analysis.access.evaluation.parties import Caller, Parties
from stackproof.analysis.access.evaluation.principals import Grant, concerns, grants
from stackproof.analysis.access.gathering.collection import Identities
from stackproof.analysis.access.patterns import globs
from stackproof.analysis.access.patterns.regions import EVERYTHING, Texts
from stackproof.analysis.access.patterns.truth import Maybe
from stackproof.errors import PlanError
from stackproof.plan import Resource, Stack
from stackproof.plan.values import Unknown

PARTS = ("/*", ":*")
"""What follows the ARN of a resource in those of its parts."""


class OnResources:
    """The statements on the resources of one stack, as rules on exactly these resources."""

    def __init__(self, stack: Stack, identities: Identities, parties: Parties) -> None:
        self._stack = stack
        self._parties = parties
        self._policies: dict[str, tuple[Policy, ...]] = dict(identities.resource_policies)
        self._policies |= {role.address: (role.trust,) for role in identities.roles}
        self._denies: dict[str, list[Rule]] = {}
        # whom they name, so that not every principal has to be compared with every statement
        self._naming: dict[str, list[Rule]] = defaultdict(list)
        self._naming_others: list[Rule] = []
        for address, policies in self._policies.items():
            for policy in policies:
                for statement in policy.statements:
                    if statement.effect is Effect.ALLOW:
                        self._index(self._rule(address, statement))

    def granting(self, caller: Caller) -> Iterator[Rule]:
        """What statements allow a principal that they name, whatever its own policies are."""
        found = [*self._naming.get(caller.arn, ()), *self._naming_others]
        if not globs.is_plain(caller.arn):
            found += [rule for rules in self._naming.values() for rule in rules]
        for rule in dict.fromkeys(found):
            truths = [truth for grant, truth in grants(rule.statement, caller, self._origin) if grant > Grant.ACCOUNT]
            if True in truths:
                yield rule
            elif doubts := [truth.reason for truth in truths if isinstance(truth, Maybe)]:
                yield replace(rule, doubt=rule.doubt or doubts[0])

    def denying(self, address: str, caller: Caller) -> Iterator[Rule]:
        """What statements on a resource deny a principal."""
        if address not in self._denies:
            denies = [s for p in self._policies.get(address, ()) for s in p.statements if s.effect is Effect.DENY]
            self._denies[address] = [self._rule(address, statement, *PARTS) for statement in denies]
        for rule in self._denies[address]:
            truth = concerns(rule.statement, caller, self._origin)
            if truth is not False:
                yield replace(rule, doubt=rule.doubt or truth.reason) if isinstance(truth, Maybe) else rule

    def _index(self, rule: Rule) -> None:
        for principal in rule.statement.principals or ():
            value = principal.value
            if isinstance(value, Unknown) or (principal.kind == "AWS" and ":assumed-role/" in value):
                self._naming_others.append(rule)
            elif principal.kind == "AWS" and value != EVERYTHING:
                self._naming[value].append(rule)

    def _rule(self, address: str, statement: Statement, *parts: str) -> Rule:
        """What a statement is about: where it names every resource, or none, the one that it is on, and parts of it."""
        rule = at_most(statement)
        resources = rule.box.resources
        if resources.is_rest or EVERYTHING not in resources.patterns:
            return rule
        try:
            arn = self._parties.arn(self._stack[address])
        except PlanError:
            return rule
        own = tuple(arn if pattern == EVERYTHING else pattern for pattern in resources.patterns)
        return replace(rule, box=replace(rule.box, resources=Texts((*own, *(f"{arn}{part}" for part in parts)))))

    def _origin(self, text: Unknown) -> Resource | None:
        if text.address not in self._stack:
            return None
        wiring = self._stack[text.address].wired(text.path)
        is_arn = wiring.exact and len(wiring.feeds) == 1 and wiring.feeds[0].attribute == "arn"
        return self._stack[wiring.feeds[0].address] if is_arn and wiring.feeds[0].address in self._stack else None
