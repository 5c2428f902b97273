"""Ways from some rights to more that really work: on these resources, with these roles, under these conditions.

A list of dangerous actions alone says little: `iam:PassRole` to a role that has nothing more is harmless, and a policy
that can be written matters only where somebody has it. Each way is therefore asked of IAM's evaluation, for every
principal and every target in the stack, and told only where the target may do something that the principal may not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stackproof.analysis.access import globs
from stackproof.analysis.access.documents import Effect, Statement
from stackproof.analysis.access.evaluation import Answer, Decision
from stackproof.analysis.access.identities import Identity, Role
from stackproof.analysis.access.methods import (
    COMPUTE_METHODS,
    IDENTITY_METHODS,
    PASS_ROLE_METHODS,
    ComputeMethod,
    IdentityMethod,
    PassRoleMethod,
    Target,
)
from stackproof.analysis.wiring import roles
from stackproof.errors import PlanError
from stackproof.plan import Place
from stackproof.verdict import Undecided

if TYPE_CHECKING:
    from stackproof.analysis.access.access import Access
    from stackproof.analysis.access.matrix import Permission

ASSUME = "assume a role"
UNKNOWN = "do whatever a policy that is not known allows"
AWS_DOCUMENT = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use.html"
SHOWN_GAINS = 5


@dataclass(frozen=True, eq=False)
class Escalation:
    """A way by which a principal gets rights that it has not. What is `undecided` may be one, for that reason.

    `target` is the address whose rights it gets, `gains` are some of them. Two are equal when principal, method and
    target are, so that a test can name those that are meant to be.
    """

    principal: str
    method: str
    target: str
    explanation: str
    gains: tuple[str, ...]
    statements: tuple[Statement, ...]
    source: str
    undecided: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Principal, method and target."""
        return self.principal, self.method, self.target

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the statements that allow it are written."""
        return tuple(dict.fromkeys(s.place for s in self.statements if s.place))

    def __eq__(self, other: object) -> bool:
        return self.key == (other.key if isinstance(other, Escalation) else other)

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        places = f" ({', '.join(map(str, self.places))})" if self.places else ""
        doubt = f", if {self.undecided}" if self.undecided else ""
        return f"{self.principal} can {self.method}: {self.target}{places}{doubt}"

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "principal": self.principal,
            "method": self.method,
            "target": self.target,
            "explanation": self.explanation,
            "gains": list(self.gains),
            "statements": [str(statement) for statement in self.statements],
            "places": [str(place) for place in self.places],
            "source": self.source,
            "undecided": self.undecided,
        }


def escalations(access: Access) -> tuple[Escalation, ...]:
    """Every way in which a role or user of the stack can get rights that it has not."""
    return tuple(_Search(access).found())


@dataclass(frozen=True, eq=False)
class _Right:
    """That an action is allowed, or may be."""

    statements: tuple[Statement, ...]
    doubt: str = ""


class _Search:
    def __init__(self, access: Access) -> None:
        self._access = access
        self._identities = access.identities
        self._by_service: dict[str, list[Role]] = {}

    def found(self) -> Iterator[Escalation]:
        for principal in (*self._identities.roles, *self._identities.users):
            yield from self._unknown(principal)
            for method in IDENTITY_METHODS:
                yield from self._by_identity(principal, method)
            for passing in PASS_ROLE_METHODS:
                yield from self._by_passing(principal, passing)
            for computing in COMPUTE_METHODS:
                yield from self._by_computing(principal, computing)
            yield from self._by_assuming(principal)

    def _unknown(self, principal: Identity) -> Iterator[Escalation]:
        """What is not known may hold anything, which is said once and not for every method."""
        for policy in principal.policies:
            if policy.undecided:
                explanation = "nobody can tell what it allows"
                yield Escalation(
                    principal.address, UNKNOWN, policy.holder, explanation, (), (), AWS_DOCUMENT, policy.undecided
                )

    def _by_identity(self, principal: Identity, method: IdentityMethod) -> Iterator[Escalation]:
        if not self._mentions(principal, method.action):
            return
        for address in self._targets(method.target):
            if method.gives_credentials and address == principal.address:
                continue
            right = self._can(principal, method.action, address)
            if right is None or (
                method.name.startswith(("detach", "delete", "remove", "go back"))
                and not self._is_worth(method, address)
            ):
                continue
            what = "it can become the principal's own" if address != principal.address else "it is the principal itself"
            yield Escalation(
                principal.address,
                method.name,
                address,
                method.explanation,
                (what,),
                right.statements,
                method.source,
                right.doubt,
            )

    def _is_worth(self, method: IdentityMethod, address: str) -> bool:
        """Whether taking something away gives anything: a deny, a boundary, another version."""
        if method.target is Target.POLICY:
            return True
        identity = next((i for i in (*self._identities.roles, *self._identities.users) if i.address == address), None)
        if identity is None:
            return False
        if "boundary" in method.name:
            return identity.boundary is not None
        return any(s.effect is Effect.DENY for policy in identity.policies for s in policy.statements)

    def _by_passing(self, principal: Identity, method: PassRoleMethod) -> Iterator[Escalation]:
        if not self._mentions(principal, "iam:PassRole"):
            return
        runs = [self._somewhere(principal, group) for group in method.actions]
        if any(right is None for right in runs):
            return
        rights = [right for right in runs if right is not None]
        for role in self._trusting(method.service):
            if role.address == principal.address:
                continue
            passed = self._can(principal, "iam:PassRole", role.address, {"iam:PassedToService": method.service})
            if passed is not None:
                yield from self._gaining(
                    principal, role, method.name, method.explanation, method.source, [passed, *rights]
                )

    def _by_computing(self, principal: Identity, method: ComputeMethod) -> Iterator[Escalation]:
        if not all(any(self._mentions(principal, action) for action in group) for group in method.actions):
            return
        for kind in method.types:
            for resource in self._access.stack.resources(kind):
                rights = [self._one_of(principal, group, resource.address) for group in method.actions]
                if any(right is None for right in rights):
                    continue
                for role in self._roles_of(resource.address):
                    known = [right for right in rights if right is not None]
                    yield from self._gaining(principal, role, method.name, method.explanation, method.source, known)

    def _roles_of(self, address: str) -> list[Role]:
        """The roles that run in a resource; in a cluster, those of its services."""
        stack = self._access.stack
        sources = [stack[address]]
        if stack[address].type == "aws_ecs_cluster":
            sources = [s for s in stack.resources("aws_ecs_service") if address in s.wired("cluster").addresses]
        found = []
        for source in sources:
            try:
                addresses = {role.address for role in roles(stack, source)}
            except Undecided:
                continue
            found += [role for role in self._identities.roles if role.address in addresses]
        return found

    def _by_assuming(self, principal: Identity) -> Iterator[Escalation]:
        # without a word of its own, a role is assumed only by whom its trust policy names
        may = self._identities.roles if self._mentions(principal, "sts:AssumeRole") else self._naming_principals
        for role in may:
            if role.address == principal.address:
                continue
            right = self._can(principal, "sts:AssumeRole", role.address)
            if right is not None:
                yield from self._gaining(principal, role, ASSUME, "it acts as the role", AWS_DOCUMENT, [right])

    def _gaining(
        self, principal: Identity, role: Role, method: str, explanation: str, source: str, rights: Sequence[_Right]
    ) -> Iterator[Escalation]:
        gains = self._gains(principal, role)
        if gains:
            yield Escalation(
                principal.address,
                method,
                role.address,
                explanation,
                gains,
                tuple(dict.fromkeys(statement for right in rights for statement in right.statements)),
                source,
                next((right.doubt for right in rights if right.doubt), ""),
            )

    def _gains(self, principal: Identity, role: Role) -> tuple[str, ...]:
        """Some of what a role may do and the principal may not."""
        unknown = [policy for policy in role.policies if policy.undecided]
        gains = [f"whatever {policy} allows" for policy in unknown]
        for permission in self._permissions.get(role.address, ()):
            if len(gains) == SHOWN_GAINS:
                break
            if not self._has(principal, permission):
                gains.append(f"{permission.action} on {permission.pattern}")
        return tuple(gains)

    def _has(self, principal: Identity, permission: Permission) -> bool:
        if "*" in permission.action or " " in permission.action or " " in permission.pattern:
            return any(
                own.action == permission.action and own.pattern == permission.pattern
                for own in self._permissions.get(principal.address, ())
            )
        decision = self._ask(principal, permission.action, permission.pattern, None)
        return decision is not None and decision.verdict is Answer.ALLOW

    @cached_property
    def _permissions(self) -> dict[str, list[Permission]]:
        found: dict[str, list[Permission]] = {}
        for permission in self._access.matrix():
            found.setdefault(permission.principal, []).append(permission)
        return found

    def _trusting(self, service: str) -> list[Role]:
        """The roles that a service can assume, or may."""
        if service not in self._by_service:
            self._by_service[service] = [
                role
                for role in self._identities.roles
                if role.trust.undecided
                or (_names(role, "Service", service) and self._can(service, "sts:AssumeRole", role.address))
            ]
        return self._by_service[service]

    @cached_property
    def _naming_principals(self) -> list[Role]:
        """The roles whose trust policies name roles, users or accounts."""
        return [role for role in self._identities.roles if _names(role, "AWS", "")]

    def _targets(self, target: Target) -> list[str]:
        if target is Target.ROLE:
            return [role.address for role in self._identities.roles]
        if target is Target.USER:
            return [user.address for user in self._identities.users]
        if target is Target.GROUP:
            return [group.address for group in self._identities.groups]
        return [resource.address for resource in self._access.stack.resources("aws_iam_policy")]

    def _mentions(self, principal: Identity, action: str) -> bool:
        """Whether an Allow may be about an action at all, which most are not."""
        return any(
            statement.effect is Effect.ALLOW and _may_mean(statement, action)
            for policy in principal.policies
            for statement in policy.statements
        )

    def _somewhere(self, principal: Identity, group: Iterable[str]) -> _Right | None:
        """That one of the actions is allowed on something."""
        maybe = None
        for action in group:
            if not self._mentions(principal, action):
                continue
            for policy in principal.policies:
                for statement in policy.statements:
                    if statement.effect is Effect.DENY or not _may_mean(statement, action):
                        continue
                    for pattern in statement.resources or ("*",):
                        right = self._can(principal, action, pattern if isinstance(pattern, str) else "*")
                        if right is not None and not right.doubt:
                            return right
                        maybe = maybe or right
        return maybe

    def _one_of(self, principal: Identity, group: Iterable[str], on: str) -> _Right | None:
        maybe = None
        for action in group:
            right = self._can(principal, action, on) if self._mentions(principal, action) else None
            if right is not None and not right.doubt:
                return right
            maybe = maybe or right
        return maybe

    def _can(
        self, principal: Identity | str, action: str, on: str, context: dict[str, str] | None = None
    ) -> _Right | None:
        decision = self._ask(principal, action, on, context)
        if decision is None or decision.verdict is Answer.DENY:
            return None
        if decision.statement is None and decision.verdict is Answer.UNDECIDED:
            return None  # for a policy that is not known, see `_unknown`
        statements = (decision.statement,) if decision.statement else ()
        return _Right(statements, decision.reason if decision.verdict is Answer.UNDECIDED else "")

    def _ask(self, principal: Identity | str, action: str, on: str, context: dict[str, str] | None) -> Decision | None:
        name = principal if isinstance(principal, str) else principal.address
        try:
            return self._access.can(name, action, on, context or {})
        except PlanError:
            return None


def _names(role: Role, kind: str, value: str) -> bool:
    """Whether a trust policy allows something to a principal of a kind: to this one, or "" for any."""
    for statement in role.trust.statements:
        if statement.effect is Effect.DENY:
            continue
        if statement.not_principals is not None:
            return True
        for principal in statement.principals or ():
            if principal.value == "*" or (principal.kind == kind and value in ("", principal.value)):
                return True
            if not isinstance(principal.value, str):
                return True
    return False


def _may_mean(statement: Statement, action: str) -> bool:

    lowered = action.lower()
    if statement.not_actions:
        return not any(isinstance(text, str) and globs.matches(text.lower(), lowered) for text in statement.not_actions)
    return any(not isinstance(text, str) or globs.matches(text.lower(), lowered) for text in statement.actions)
