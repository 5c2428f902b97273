"""What one identity may do that another may not."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from stackproof.analysis.access.comparison.implication import identity as same_condition
from stackproof.analysis.access.comparison.rules import Rules
from stackproof.analysis.access.documents.documents import Condition, Effect
from stackproof.analysis.access.gathering.collection import Identity
from stackproof.analysis.access.matrix.matrix import Entitlements
from stackproof.analysis.access.matrix.permissions import Permission
from stackproof.analysis.access.matrix.spelling import box_around, is_empty
from stackproof.analysis.access.patterns.regions import ALL, Box, Region

SHOWN = 5
"""So many gains tell what a way is worth."""

ANYTHING = "any action on any resource"

EVERYTHING = Region((ALL,), (ALL,))


@dataclass(frozen=True, eq=False)
class Gain:
    """The first of what is gained, those with the highest access level; `doubt` is why there may be nothing."""

    what: tuple[str, ...]
    doubt: str = ""


class Gains:
    """Compares what the identities of one stack may do."""

    def __init__(self, entitlements: Entitlements) -> None:
        self._entitlements = entitlements
        self._permissions = functools.cache(self._by_level)
        self._rights = functools.cache(lambda identity: _Rights(identity, self._entitlements))
        self._between = functools.cache(self._compared)
        self._by_policies = functools.cache(self._compared_by_policies)

    def between(self, principal: Identity, other: Identity) -> Gain | None:
        """What `other` may do and `principal` may not; None for nothing."""
        return self._between(principal, other)

    def has_everything(self, identity: Identity) -> bool:
        """Whether an identity may do anything to anything."""
        return self._rights(identity).has(EVERYTHING, (), ())

    def by_policies(self, principal: Identity, written: Identity) -> Gain | None:
        """What a principal gains that can write an identity's policies, which a boundary limits; None for nothing."""
        return self._by_policies(principal, written)

    def _compared_by_policies(self, principal: Identity, written: Identity) -> Gain | None:
        if written.boundary is None:
            return None if self.has_everything(principal) else Gain((ANYTHING,))
        return self._compared(principal, replace(written, policies=(written.boundary,), boundary=None))

    def _compared(self, principal: Identity, other: Identity) -> Gain | None:
        rights = self._rights(principal)
        found: list[str] = []
        for permission in self._permissions(other):
            if not rights.has(permission.region, permission.denied, permission.conditions):
                found.append(f"{permission.action} on {permission.pattern}")
                if len(found) == SHOWN:
                    break
        if found:
            return Gain(tuple(dict.fromkeys(found)))
        unread = [policy for policy in other.policies if policy.undecided]
        if unread:
            return Gain((f"what {unread[0]} allows",), f"{unread[0]} cannot be read: {unread[0].undecided}")
        return None

    def _by_level(self, identity: Identity) -> Sequence[Permission]:
        found = [each for each in self._entitlements.of(identity) if each.standing.is_effective]
        return sorted(found, key=lambda each: -each.level.rank if each.level else 0)


class _Rights:
    """What one identity may do for sure."""

    def __init__(self, identity: Identity, entitlements: Entitlements) -> None:
        boundary = identity.boundary
        policies = (*identity.policies, *([boundary] if boundary else ()))
        allows = entitlements.rules(identity.policies, Effect.ALLOW)
        self._allows = Rules([*allows, *entitlements.granted(identity)])
        self._within = Rules(entitlements.rules([boundary], Effect.ALLOW)) if boundary else None
        self._denies = Rules(entitlements.rules(policies, Effect.DENY))

    def has(self, region: Region, denied: Sequence[Box], conditions: Sequence[Condition]) -> bool:
        """Whether all requests of a region that are not denied are allowed, under no other conditions than these."""
        asked = frozenset(map(same_condition, conditions))
        if not is_empty(region, [*denied, *_certain(self._allows, region, asked)]):
            return False
        if self._within is not None and not is_empty(region, [*denied, *_certain(self._within, region, asked)]):
            return False
        return all(is_empty(region & deny.box, denied) for deny in self._denies.near(box_around(region)))


def _certain(found: Rules, region: Region, conditions: frozenset[object]) -> Iterable[Box]:
    for rule in found.near(box_around(region)):
        if not rule.doubt and conditions.issuperset(map(same_condition, rule.statement.conditions)):
            yield rule.box
