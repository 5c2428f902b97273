"""Ways to more rights by changing identities and their policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from stackproof.analysis.access.catalog import managed
from stackproof.analysis.access.documents.documents import Effect, Policy, PolicyKind, parse_policy
from stackproof.analysis.access.escalations.gains import ANYTHING, Gain
from stackproof.analysis.access.escalations.methods import (
    IDENTITY_METHODS,
    NEW_IDENTITY_METHODS,
    IdentityMethod,
    Kind,
    NewIdentityMethod,
    Outcome,
)
from stackproof.analysis.access.escalations.rights import Right
from stackproof.analysis.access.escalations.ways import OUTSIDE, Escalation, Scene, way
from stackproof.analysis.access.evaluation.context import Given
from stackproof.analysis.access.gathering.collection import Group, Identity, Role, User
from stackproof.analysis.access.patterns import globs

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
BOUNDARY, POLICY = "iam:PermissionsBoundary", "iam:PolicyARN"

KINDS = {Kind.ROLE: Role, Kind.USER: User, Kind.GROUP: Group}


@dataclass(frozen=True, eq=False)
class _Self:
    """An identity whose rights a principal has or can take, and how."""

    identity: Identity
    right: Right
    explanation: str = ""


def by_changing(scene: Scene, principal: Identity) -> Iterator[Escalation]:
    """The ways of one role or user."""
    yield from _Changes(scene, principal).found()


class _Changes:
    def __init__(self, scene: Scene, principal: Identity) -> None:
        self._scene = scene
        self._principal = principal
        self._rights = scene.rights(principal)

    def found(self) -> Iterator[Escalation]:
        becoming = [method for method in IDENTITY_METHODS if method.outcome is Outcome.BECOMES]
        selves = [*self._selves()]
        for method in becoming:
            for other, right in self._others(method):
                gain = self._scene.gains.between(self._principal, self._within_boundary(other))
                if gain is not None:
                    yield way(self._principal, method, other.address, right, gain, method.doubt)
                selves.append(_Self(other, right, method.explanation))
            yield from self._outside(method)
        for method in IDENTITY_METHODS:
            if self._rights.mentions(method.action) and method.outcome is not Outcome.BECOMES:
                for one in selves:
                    yield from self._on_self(method, one)
        for making in NEW_IDENTITY_METHODS:
            yield from self._making(making)

    def _selves(self) -> Iterator[_Self]:
        """The principal, its groups, and the roles that it can assume."""
        yield _Self(self._principal, Right())
        for group in self._groups(self._principal):
            yield _Self(group, Right())
        for role in self._scene.among(self._scene.identities.roles, self._rights, "sts:AssumeRole"):
            right = self._rights.on("sts:AssumeRole", role.address) if role is not self._principal else None
            if right is not None:
                yield _Self(role, right, "it can assume the role")

    def _others(self, method: IdentityMethod) -> Iterator[tuple[Identity, Right]]:
        """The identities that the principal can become by a method."""
        if not self._rights.mentions(method.action):
            return
        for other in self._scene.among(self._of_kind(method.kind), self._rights, method.action):
            right = self._rights.on(method.action, other.address, self._context(method, other))
            if right is None or other is self._principal or not self._is_useful(method, other):
                continue
            if method.kind is Kind.USER and method.action.endswith("LoginProfile"):
                right &= Right(doubt=self._password_doubt(method, other))
            yield other, right

    def _is_useful(self, method: IdentityMethod, other: Identity) -> bool:
        if method.kind is Kind.ROLE:
            return not self._rights.is_denied("sts:AssumeRole", self._scene.arn(other))
        if method.kind is Kind.GROUP:
            return isinstance(self._principal, User)
        return method.action != "iam:CreateLoginProfile" or other.address not in self._scene.with_password

    def _password_doubt(self, method: IdentityMethod, user: Identity) -> str:
        if method.action == "iam:CreateLoginProfile" or user.address in self._scene.with_password:
            return ""
        return f"it depends on whether {user.address} has a password"

    def _of_kind(self, kind: Kind) -> tuple[Identity, ...]:
        identities = self._scene.identities
        return {Kind.ROLE: identities.roles, Kind.USER: identities.users, Kind.GROUP: identities.groups}.get(kind, ())

    def _context(self, method: IdentityMethod, other: Identity) -> dict[str, Given]:
        """What is known of a request for a method on an identity."""
        if method.kind not in (Kind.ROLE, Kind.USER):
            return {}
        arn = self._scene.arn_of_policy(other.boundary)
        # a boundary whose ARN is not known is not given: it may be any
        return {BOUNDARY: arn} if arn is None or globs.is_plain(arn) else {}

    def _outside(self, method: IdentityMethod) -> Iterator[Escalation]:
        """Identities that are not in the stack, whatever there is."""
        if method.kind is Kind.GROUP and not isinstance(self._principal, User):
            return
        for pattern, right in self._rights.elsewhere(method.action, self._scene.known, {}):
            gain = Gain((f"what there is outside by {pattern}",))
            yield way(self._principal, method, pattern, right, gain, method.doubt, OUTSIDE)

    def _on_self(self, method: IdentityMethod, one: _Self) -> Iterator[Escalation]:
        if method.kind is Kind.POLICY:
            yield from self._on_policies(method, one)
        elif isinstance(one.identity, KINDS[method.kind]):
            if method.outcome is Outcome.LIFTS:
                yield from self._lifting(method, one)
            elif method.action.startswith("iam:Attach"):
                yield from self._attaching(method, one)
            else:
                yield from self._changing(method, one, self._context(method, one.identity), self._gain(one.identity))

    def _gain(self, written: Identity) -> Gain | None:
        """What the principal gains that can write an identity's policies."""
        return self._scene.gains.by_policies(self._principal, self._within_boundary(written))

    def _within_boundary(self, identity: Identity) -> Identity:
        """A group as it is for the principal, whose boundary limits what it has by the group, too."""
        return replace(identity, boundary=self._principal.boundary) if isinstance(identity, Group) else identity

    def _changing(
        self, method: IdentityMethod, one: _Self, context: Mapping[str, Given], gain: Gain | None, target: str = ""
    ) -> Iterator[Escalation]:
        """The way of changing one identity, or something else that is a `target`."""
        if gain is None:
            return
        right = self._rights.on(method.action, target or one.identity.address, context)
        if right is not None:
            explanation = f"{method.explanation}, and {one.explanation}" if one.explanation else ""
            target = target or one.identity.address
            yield way(self._principal, method, target, right & one.right, gain, method.doubt, explanation=explanation)

    def _attaching(self, method: IdentityMethod, one: _Self) -> Iterator[Escalation]:
        """Any policy, or the best of those that conditions name."""
        context = self._context(method, one.identity)
        for arn in self._attachable(method):
            gain = self._gain_of_attaching(arn, one.identity)
            found = list(self._changing(method, one, {**context, POLICY: arn}, gain))
            if found:
                yield from found
                return

    def _attachable(self, method: IdentityMethod) -> Iterator[str]:
        yield ADMINISTRATOR
        for rule in self._rights.about(method.action):
            for condition in rule.statement.conditions:
                if condition.key.lower() == POLICY.lower():
                    yield from (v for v in condition.values if isinstance(v, str) and globs.is_plain(v))

    def _gain_of_attaching(self, arn: str, identity: Identity) -> Gain | None:
        if arn == ADMINISTRATOR:
            return self._gain(identity)
        document = managed.document(arn)
        if document is None:
            return Gain((f"what {arn} allows",), f"it depends on what {arn} allows")
        policy = parse_policy(document, kind=PolicyKind.IDENTITY, holder=identity.address, managed_arn=arn)
        attached = replace(self._within_boundary(identity), policies=(policy,))
        return self._scene.gains.between(self._principal, attached)

    def _on_policies(self, method: IdentityMethod, one: _Self) -> Iterator[Escalation]:
        """Policies that the identity has, and its boundary."""
        identity = one.identity
        for policy in identity.policies:
            yield from self._on_policy(method, one, policy, self._gain(identity))
        if identity.boundary is not None:
            gain = self._scene.gains.between(self._principal, replace(identity, boundary=None))
            yield from self._on_policy(method, one, identity.boundary, gain)

    def _on_policy(self, method: IdentityMethod, one: _Self, policy: Policy, gain: Gain | None) -> Iterator[Escalation]:
        arn = self._scene.arn_of_policy(policy)
        if arn is not None and ":iam::aws:" not in arn:
            target = arn if policy.managed_arn else policy.holder
            yield from self._changing(method, one, {}, gain, target)

    def _lifting(self, method: IdentityMethod, one: _Self) -> Iterator[Escalation]:
        """A boundary, or a policy that denies."""
        identity = one.identity
        if method.action.endswith("PermissionsBoundary"):
            if identity.boundary is not None:
                gain = self._scene.gains.between(self._principal, replace(identity, boundary=None))
                is_new = method.action.startswith("iam:Put")
                context = {BOUNDARY: ADMINISTRATOR} if is_new else self._context(method, identity)
                yield from self._changing(method, one, context, gain)
            return
        for policy in identity.policies:
            arn = self._scene.arn_of_policy(policy)
            is_for_it = (arn is None) is method.action.startswith("iam:Delete")
            is_own = not any(policy in group.policies for group in self._groups(identity))
            if not is_for_it or not is_own or not _denies(policy):
                continue
            left = tuple(other for other in identity.policies if other is not policy)
            gain = self._scene.gains.between(self._principal, replace(identity, policies=left))
            context = self._context(method, identity)
            yield from self._changing(method, one, {**context, POLICY: arn} if arn else context, gain)

    def _groups(self, identity: Identity) -> list[Group]:
        of = identity.groups if isinstance(identity, User) else ()
        return [group for group in self._scene.identities.groups if group.address in of]

    def _making(self, method: NewIdentityMethod) -> Iterator[Escalation]:
        """A new identity, with a name that is not taken."""
        context: dict[str, Given] = {BOUNDARY: None, POLICY: ADMINISTRATOR}
        right = self._rights.any_of(method.actions, context=context)
        if right is not None:
            yield way(self._principal, method, f"a new {method.kind}", right, Gain((ANYTHING,)))


def _denies(policy: Policy) -> bool:
    return any(statement.effect is Effect.DENY for statement in policy.statements)
