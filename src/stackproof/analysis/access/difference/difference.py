"""What one stack allows and another does not: to whom, which actions, on what, and a request that shows it.

The two are the same configuration at different times. What is allowed grows where a policy allows more, denies less, or
limits less, and every one of these is compared by itself: each statement of the one side with all of the other side,
as sets of actions and resources and by the meaning of its conditions. So nothing that is new is left out.

Where there is more in an entry than in fact is new, it is not `exact`. That is so where

- other policies deny it after all, or nothing in the stack allows it but policies of other resources and accounts may;
- several statements of the other side allowed it together, each under conditions of its own;
- conditions are not comparable (see `implication`), or values of the same key depend on each other;
- the principal is outside the stack, so that its own policies decide, too, or is a group, or nobody yet;
- a resource policy says `*` now where it named its resource, or names who was meant by NotPrincipal;
- only actions that AWS does not have, or actions on resources that they are not for, are new.

An entry is `undecided` where a document is known on neither or only one side, or a part of it that matters. A policy
outside the stack, or of AWS, that is not known but attached on both sides is taken to be the same on both. That a new
resource is among those that an unchanged statement is about, or a new role among those of an account, is not new
access. Service control policies, session policies and whatever else `Access.unmodelled` tells are no part of it, but
where a resource of these kinds is new or changed, an undecided entry says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from stackproof.analysis.access.comparison.growth import Growth, growths, open_in
from stackproof.analysis.access.comparison.rules import Rule, Rules, at_most
from stackproof.analysis.access.difference import admission
from stackproof.analysis.access.difference.admission import Named
from stackproof.analysis.access.difference.bundles import Bundle, default_of_key, limits, no_boundary
from stackproof.analysis.access.difference.callers import Asked, Callers
from stackproof.analysis.access.difference.counterparts import Counterparts
from stackproof.analysis.access.difference.news import Cause, NewAccess, news, unknown
from stackproof.analysis.access.difference.proofs import Certainty, Proof, Prover, Witness
from stackproof.analysis.access.difference.rest import undecided, unmodelled
from stackproof.analysis.access.documents.documents import Policy, PolicyKind
from stackproof.analysis.access.evaluation.parties import Parties
from stackproof.analysis.access.evaluation.policies import Policies
from stackproof.analysis.access.gathering.identities import GROUP, MANAGED, ROLE, USER, Identity, Role
from stackproof.analysis.access.gathering.reading import Reader
from stackproof.analysis.access.gathering.resource_policies import KMS_KEYS

__all__ = ["NewAccess", "Witness", "lost_access", "new_access"]

_MOST_TRIES = 8
"""Statements with which it is tried to show that what is not denied any more is allowed."""


def new_access(base: Policies, head: Policies) -> tuple[NewAccess, ...]:
    """What `head` allows and `base` does not, by principal and statement; empty where nothing is new.

    Raises PlanError for a document that is no policy.
    """
    return tuple(_Comparison(base, head, is_lost=False).entries())


def lost_access(base: Policies, head: Policies) -> tuple[NewAccess, ...]:
    """What `base` allowed and `head` does not, in the same shape: the statements that allowed it are those of `base`.

    Raises PlanError for a document that is no policy.
    """
    return tuple(_Comparison(head, base, is_lost=True).entries())


class _Comparison:
    """Compares two stacks; told as what is lost where the head is the older one."""

    def __init__(self, base: Policies, head: Policies, *, is_lost: bool) -> None:
        self._is_lost = is_lost
        self._base = base
        self._head = head
        types = {access.stack[a].type for access in (base, head) for a in access.identities.resource_policies}
        self._former = Counterparts(head.stack, base.stack, {*types, ROLE, USER, GROUP, MANAGED})
        self._prover = Prover(head, base, self._former)
        self._account = Parties(head.stack, head.identities).account
        self._before = {identity.address: identity for identity in _identities(base)}
        self._callers = Callers(_identities(head), _identities(base), self._former)
        self._bundles = {identity.address: Bundle(_policies(identity), is_head=True) for identity in _identities(head)}

    def entries(self) -> Iterator[NewAccess]:
        for identity in _identities(self._head):
            former = self._before.get(self._former.of(identity.address) or "")
            yield from self._of_identity(identity, former)
            if isinstance(identity, Role):
                trust = (former.trust,) if isinstance(former, Role) else ()
                yield from self._of_resource(identity.address, (identity.trust,), trust)
        mine, theirs = self._head.identities, self._base.identities
        for address in self._former:
            policies = mine.resource_policies.get(address, ())
            before = theirs.resource_policies.get(self._former.of(address) or "", ())
            resource = self._head.stack[address]
            if resource.type in KMS_KEYS and resource.mode == "managed" and self._former.of(address):
                policies, before = (side or (default_of_key(address, self._account),) for side in (policies, before))
            yield from self._of_resource(address, policies, before)
        for service in {**mine.service_policies, **theirs.service_policies}:
            yield from self._of_resource(
                service, mine.service_policies.get(service, ()), theirs.service_policies.get(service, ())
            )
        yield from self._of_unattached()
        yield from unmodelled(self._base, self._head)

    def _of_identity(self, identity: Identity, former: Identity | None) -> Iterator[NewAccess]:
        who = Asked(identity.address, former.address if former else None)
        mine = self._bundles[identity.address]
        theirs = Bundle(_policies(former) if former else (), is_head=False)
        within = limits(identity.boundary, is_head=True)
        yield from self._of_identity_policies(who.head, who, mine, theirs, within)
        boundary = limits(former.boundary, is_head=False) if former else None
        if boundary is None or (identity.boundary is not None and identity.boundary.undecided):
            return
        for rule in within if within is not None else [at_most(no_boundary(identity.address))]:
            for growth in growths(rule, boundary) if rule.key not in boundary.keys else ():
                yield self._lifted(who.head, growth, rule, _each(who, mine, growth), mine.denies, Cause.BOUNDARY)
        if identity.boundary is None and self._has_exceptions():
            reason = "a Deny with NotPrincipal met it as long as it had a permissions boundary"
            yield unknown(who.head, PolicyKind.RESOURCE, reason)

    def _of_identity_policies(
        self, label: str, who: Asked | None, mine: Bundle, theirs: Bundle, within: Rules | None = None
    ) -> Iterator[NewAccess]:
        yield from undecided(label, mine, theirs)
        covers = Rules((*theirs.allows, *mine.denies))
        for rule in mine.allows:
            if rule.key not in theirs.allows.keys:
                for growth in growths(rule, covers, within=within, also=mine.known_part(rule)):
                    yield self._granted(label, who, growth, rule)
        for deny in theirs.denies:
            if deny.key not in mine.denies.keys:
                for growth in growths(deny, mine.denies):
                    candidates = _each(who, mine, growth) if who else ()
                    yield self._lifted(label, growth, deny, candidates, mine.denies, Cause.DENY)

    def _of_resource(self, on: str, policies: Sequence[Policy], before: Sequence[Policy]) -> Iterator[NewAccess]:
        mine, theirs = Bundle(policies, is_head=True), Bundle(before, is_head=False)
        yield from undecided(on, mine, theirs, on=on)
        for rule in mine.allows:
            for principal in admission.named(rule.statement):
                is_new = self._callers.is_new(principal)
                if (rule.key in theirs.allows.keys and not is_new) or not (rule.doubt or admission.is_known(principal)):
                    continue
                covers = Rules(
                    (
                        *(r for r in theirs.allows if self._lets_in(r, principal, is_new=is_new)),
                        *(r for r in mine.denies if admission.shuts_out(r.statement, principal)),
                    )
                )
                known = mine.known_part(rule) if admission.is_known(principal) else ()
                for growth in growths(rule, covers, also=known):
                    yield self._granted(admission.label(principal), self._callers.asked(principal), growth, rule, on=on)
        for deny in theirs.denies:
            if deny.key in mine.denies.keys:
                continue
            for principal in admission.named(deny.statement):
                covers = Rules(rule for rule in mine.denies if admission.shuts_out(rule.statement, principal))
                for growth in growths(deny, covers):
                    candidates = self._allowed(principal, mine, growth)
                    yield self._lifted(admission.label(principal), growth, deny, candidates, covers, Cause.DENY, on=on)

    def _granted(self, label: str, who: Asked | None, growth: Growth, rule: Rule, *, on: str = "") -> NewAccess:
        if rule.doubt:
            proof = Proof(Certainty.UNDECIDED, reason=rule.doubt)
        elif who is None:
            proof = Proof(Certainty.POSSIBLE, reason="nothing in this stack is known to have it")
        else:
            proof = self._prover.prove(who, growth.opening, self._asked(on))
        cause = Cause.CONDITIONS if growth.opening.by_condition else Cause.STATEMENT
        if who is not None and who.base is None:
            cause = Cause.PRINCIPAL
        elif on in self._head.stack and self._former.of(on) is None:
            cause = Cause.RESOURCE
        kind, reason = rule.statement.policy.kind, cause.value[self._is_lost]
        return news(label, growth, proof, kind=kind, reason=reason, on=on, statement=rule.statement)

    def _lifted(
        self,
        label: str,
        growth: Growth,
        rule: Rule,
        candidates: Iterable[tuple[Asked, Rule]],
        denies: Rules,
        cause: Cause,
        *,
        on: str = "",
    ) -> NewAccess:
        """An entry for what is not denied or limited any more, with a statement that allows some of it."""
        best = Proof(Certainty.POSSIBLE, reason="nothing in this stack allows it, but policies elsewhere may")
        tries = 0
        for who, allowed in candidates if not rule.doubt else ():
            opening = open_in(
                growth.opening.region & allowed.box, (*growth.opening.conditions, *allowed.conditions), denies
            )
            if opening is None:
                continue
            opening = replace(opening, covers=(*opening.covers, *growth.opening.covers))
            proof = self._prover.prove(who, opening, self._asked(on))
            if best.witness is None or proof.certainty is Certainty.CERTAIN:
                best = proof
            tries += 1
            if best.certainty is Certainty.CERTAIN or tries == _MOST_TRIES:
                break
        if rule.doubt:
            best = Proof(Certainty.UNDECIDED, reason=rule.doubt)
        kind, reason = rule.statement.policy.kind, cause.value[self._is_lost]
        return news(label, growth, best, kind=kind, reason=reason, on=on, was=rule.statement)

    def _allowed(self, principal: Named, mine: Bundle, growth: Growth) -> Iterator[tuple[Asked, Rule]]:
        """Who of those whom a policy of a resource denies something may be allowed it, and by which rule."""
        only = None if isinstance(principal, tuple) or principal.value == "*" else self._callers.asked(principal)
        for rule in mine.allows.near(growth.opening.region.first):
            for other in admission.named(rule.statement):
                who = only or self._callers.asked(other)
                if who is not None:
                    yield who, rule
        for address, bundle in self._bundles.items():
            if only is None or only.head == address:
                yield from _each(Asked(address, self._former.of(address)), bundle, growth)

    def _has_exceptions(self) -> bool:
        policies = chain.from_iterable(self._head.identities.resource_policies.values())
        return any(statement.not_principals for policy in policies for statement in policy.statements)

    def _asked(self, address: str) -> Asked | None:
        return Asked(address, self._former.of(address)) if address in self._head.stack else None

    def _lets_in(self, rule: Rule, principal: Named, *, is_new: bool) -> bool:
        return admission.lets_in(rule.statement, principal, self._account, is_new=is_new)

    def _of_unattached(self) -> Iterator[NewAccess]:
        attached = {policy.holder for bundle in self._bundles.values() for policy in bundle.policies}
        for resource in self._head.stack.resources(MANAGED):
            if resource.address not in attached:
                mine = Bundle(_managed(self._head, resource.address), is_head=True)
                theirs = Bundle(_managed(self._base, self._former.of(resource.address)), is_head=False)
                yield from self._of_identity_policies(resource.address, None, mine, theirs)


def _each(who: Asked, bundle: Bundle, growth: Growth) -> Iterator[tuple[Asked, Rule]]:
    return ((who, rule) for rule in bundle.allows.near(growth.opening.region.first))


def _identities(access: Policies) -> Iterable[Identity]:
    return (*access.identities.roles, *access.identities.users, *access.identities.groups)


def _policies(identity: Identity) -> tuple[Policy, ...]:
    return (*identity.policies, *([identity.boundary] if identity.boundary else []))


def _managed(access: Policies, address: str | None) -> list[Policy]:
    policy = Reader(access.stack).read(access.stack[address], "policy", PolicyKind.IDENTITY) if address else None
    return [policy] if policy else []
