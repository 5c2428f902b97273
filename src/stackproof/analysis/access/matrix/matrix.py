"""Who may do what on what: every permission of every role, user and group, with the actions spelled out."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from stackproof.analysis.access.comparison.rules import Rule, Rules, at_most
from stackproof.analysis.access.documents.documents import Effect, Policy
from stackproof.analysis.access.evaluation.context import Context
from stackproof.analysis.access.evaluation.derived import derived
from stackproof.analysis.access.evaluation.evaluation import Answer
from stackproof.analysis.access.evaluation.parties import Caller, Parties, Target, account_in
from stackproof.analysis.access.evaluation.policies import Policies
from stackproof.analysis.access.evaluation.variables import expand
from stackproof.analysis.access.gathering.collection import Identity, Role, User
from stackproof.analysis.access.matrix.on_resources import OnResources
from stackproof.analysis.access.matrix.permissions import Permission, Standing
from stackproof.analysis.access.matrix.spelling import Frame, loosened, permissions
from stackproof.analysis.access.matrix.stocks import Stock
from stackproof.analysis.access.patterns import globs
from stackproof.analysis.access.patterns.regions import EVERYTHING
from stackproof.errors import PlanError
from stackproof.plan import Resource

GUARDED = ("kms", "sts")
"""Services whose resources have to let a principal in themselves."""


@dataclass(frozen=True, eq=False)
class Matrix:
    """All permissions, and the policies that could not be read, each with its principal and the reason."""

    permissions: tuple[Permission, ...]
    undecided: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Permission]:
        return iter(self.permissions)

    def __len__(self) -> int:
        return len(self.permissions)

    def of(self, principal: Resource | str) -> Matrix:
        """The permissions of one role, user or group, by its resource or address."""
        address = principal if isinstance(principal, str) else principal.address
        return Matrix(
            tuple(permission for permission in self.permissions if permission.principal == address),
            tuple(reason for reason in self.undecided if reason.startswith(f"{address}: ")),
        )

    def on(self, resource: Resource | str) -> Matrix:
        """The permissions that mean a resource of the stack, or a part of it, by its resource or address."""
        address = resource if isinstance(resource, str) else resource.address
        return Matrix(tuple(each for each in self.permissions if address in each.resources), self.undecided)

    @property
    def actions(self) -> frozenset[str]:
        """The actions and patterns of all permissions."""
        return frozenset(permission.action for permission in self.permissions)

    @property
    def unknown_actions(self) -> tuple[Permission, ...]:
        """Permissions for actions that AWS does not have, such as misspelt ones."""
        return tuple(each for each in self.permissions if not each.known)

    @property
    def without_effect(self) -> tuple[Permission, ...]:
        """Permissions for actions on resources that no such action is for."""
        return tuple(each for each in self.permissions if each.standing is Standing.WITHOUT_EFFECT)

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "permissions": [permission.as_dict() for permission in self.permissions],
            "undecided": list(self.undecided),
        }


def matrix(access: Policies) -> Matrix:
    """The permissions of every role, user and group: by its policies, and by policies of resources that name it.

    What a boundary does not allow, and what any policy denies, is left out. Groups are nobody: their users have what
    is theirs.
    """
    entitlements = entitlements_in(access)
    everybody = entitlements.everybody
    undecided = [
        f"{identity.address}: {policy}: {policy.undecided}"
        for identity in everybody
        for policy in (*identity.policies, *([identity.boundary] if identity.boundary else ()))
        if policy.undecided
    ]
    return Matrix(tuple(each for identity in everybody for each in entitlements.of(identity)), tuple(undecided))


_MADE: weakref.WeakKeyDictionary[Policies, Entitlements] = weakref.WeakKeyDictionary()


def entitlements_in(access: Policies) -> Entitlements:
    """The permissions in a stack, made once for all questions."""
    if access not in _MADE:
        _MADE[access] = Entitlements(access)
    return _MADE[access]


class Entitlements:
    """Makes the permissions of one stack's roles, users and groups."""

    def __init__(self, access: Policies) -> None:
        # who asks has it; what is made of it must not keep it
        self._access = weakref.proxy(access)
        self._stack = access.stack
        self._identities = access.identities
        self._parties = Parties(access.stack, access.identities)
        self._stock = Stock(access.stack, self._parties)
        self._on_resources = OnResources(access.stack, access.identities, self._parties)
        self._rules: dict[Policy, tuple[Rule, ...]] = {}
        self._permissions: dict[Identity, tuple[Permission, ...]] = {}

    @property
    def everybody(self) -> tuple[Identity, ...]:
        """All roles, users and groups."""
        return (*self._identities.roles, *self._identities.users, *self._identities.groups)

    def home(self, identity: Identity) -> tuple[str, str]:
        """The partition and the account of an identity, a wildcard for what is not known."""
        arn = self._parties.arn(self._stack[identity.address])
        return self._parties.partition, account_in(arn) or self._parties.account or EVERYTHING

    def of(self, identity: Identity) -> tuple[Permission, ...]:
        """The permissions of a role, user or group, or of one as it would become."""
        if identity not in self._permissions:
            self._permissions[identity] = tuple(self._made(identity))
        return self._permissions[identity]

    def _made(self, identity: Identity) -> Iterator[Permission]:
        caller = self._parties.caller(identity.address) if isinstance(identity, Role | User) else None
        frame = self._frame(identity, caller)
        for rule in self.rules(identity.policies, Effect.ALLOW):
            for permission in permissions(identity.address, rule, frame):
                yield from self._let_in(permission)
        for rule in self.granted(identity):
            yield from permissions(identity.address, rule, frame)

    def rules(self, policies: Iterable[Policy], effect: Effect) -> list[Rule]:
        """What policies allow, or deny, at most."""
        found = []
        for policy in policies:
            if policy not in self._rules:
                self._rules[policy] = tuple(map(at_most, policy.statements))
            found += [rule for rule in self._rules[policy] if rule.statement.effect is effect]
        return found

    def meant(self, action: str, rule: Rule) -> Iterator[str]:
        """The addresses of the resources that a statement means for an action, and perhaps of others."""
        on = rule.box.resources
        for pattern in (EVERYTHING,) if on.is_rest else on.patterns:
            yield from self._stock.meant(action, loosened(pattern))

    def granted(self, identity: Identity) -> tuple[Rule, ...]:
        """What policies of resources, and trust policies, allow a role or user that they name."""
        if not isinstance(identity, Role | User):
            return ()
        return tuple(self._on_resources.granting(self._parties.caller(identity.address)))

    def _frame(self, identity: Identity, caller: Caller | None) -> Frame:
        boundary = identity.boundary
        policies = (*identity.policies, *([boundary] if boundary else ()))
        context = Context(derived(caller, Target("*", "*", is_glob=True)) if caller else {})
        return Frame(
            boundary=Rules(self.rules([boundary], Effect.ALLOW)) if boundary else None,
            doubt=f"{boundary} cannot be read: {boundary.undecided}" if boundary and boundary.undecided else "",
            denies=Rules(self.rules(policies, Effect.DENY)),
            meant=self._stock.meant,
            denies_on=lambda address: tuple(self._on_resources.denying(address, caller)) if caller else (),
            spell=lambda text: expand(text, context, enabled=True),
        )

    def _let_in(self, permission: Permission) -> Iterator[Permission]:
        """The permission, unless it is for keys or roles only whose own policies let the principal not in."""
        service = permission.action.partition(":")[0]
        if service not in GUARDED or not permission.resources or not permission.standing.is_effective:
            yield permission
            return
        resources = tuple(address for address in permission.resources if self._may(permission, address))
        if resources or not globs.is_plain(permission.pattern):
            yield replace(permission, resources=resources)

    def _may(self, permission: Permission, address: str) -> bool:
        try:
            decision = self._access.can(permission.principal, permission.action, address)
        except PlanError:
            return True
        return decision.verdict is not Answer.DENY
