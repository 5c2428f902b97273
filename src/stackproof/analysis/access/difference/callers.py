"""Whom to ask for, where a policy of a resource names a principal: a role of the stack by its address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stackproof.analysis.access.difference import admission
from stackproof.analysis.access.difference.admission import Named
from stackproof.analysis.access.difference.counterparts import Counterparts
from stackproof.analysis.access.gathering.identities import Identity
from stackproof.plan.values import Unknown


@dataclass(frozen=True)
class Asked:
    """A principal or resource as the head knows it, and as the base does; None where the base does not have it."""

    head: str
    base: str | None


class Callers:
    """The principals of policies, in two stacks."""

    def __init__(self, head: Iterable[Identity], base: Iterable[Identity], former: Counterparts) -> None:
        before = {identity.address: identity for identity in base}
        self._by_arn: dict[str, Asked] = {}
        self._renamed: set[str] = set()
        for identity in head:
            if isinstance(identity.arn, str) and identity.arn:
                address = former.of(identity.address)
                self._by_arn[identity.arn] = Asked(identity.address, address)
                if not _is_called_the_same(identity, before.get(address or "")):
                    self._renamed.add(identity.arn)

    def asked(self, principal: Named) -> Asked | None:
        """Whom a principal means; anybody for those that a NotPrincipal does not except, None for who is not known."""
        if isinstance(principal, tuple):
            return Asked("*", "*")
        if isinstance(principal.value, Unknown):
            return None
        label = admission.label(principal)
        return self._by_arn.get(label) or Asked(label, label)

    def is_new(self, principal: Named) -> bool:
        """Whether it is a role or user of the stack that had no such ARN before."""
        return not isinstance(principal, tuple) and admission.is_known(principal) and principal.value in self._renamed


def _is_called_the_same(identity: Identity, former: Identity | None) -> bool:
    if former is None:
        return False
    pairs = ((identity.arn, former.arn), (identity.name, former.name))
    return all(mine == theirs for mine, theirs in pairs if isinstance(mine, str) and isinstance(theirs, str))
