"""The policies of a stack, and what IAM decides by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from stackproof.analysis.access.documents.documents import Condition, Effect, Policy, PolicyKind, Principal, Statement
from stackproof.analysis.access.evaluation.context import Context, Given
from stackproof.analysis.access.evaluation.derived import derived
from stackproof.analysis.access.evaluation.evaluation import Applicable, Decision, decide
from stackproof.analysis.access.evaluation.matching import Request
from stackproof.analysis.access.evaluation.parties import Kind, Parties, Target
from stackproof.analysis.access.gathering.collection import Identities, Identity, Role, User, collect
from stackproof.analysis.access.gathering.resource_policies import KMS_KEYS
from stackproof.analysis.access.patterns import globs
from stackproof.errors import PlanError
from stackproof.plan import Place, Plan, Resource, Stack
from stackproof.plan.values import Unknown
from stackproof.verdict import Undecided


@dataclass(frozen=True, eq=False)
class Trust:
    """Somebody whom a trust policy lets assume a role, and the conditions under which it does."""

    principal: Principal
    conditions: tuple[Condition, ...]
    statement: Statement

    @property
    def place(self) -> Place | None:
        """File and line of the statement."""
        return self.statement.place


class Policies:
    """All policies of a stack, its roles, users and groups, and the answers that follow from them alone.

    Left out, since no plan has them: service and resource control policies, session policies, S3 Block Public Access,
    grants of KMS. What of the stack itself is not taken into account is in `unmodelled`. A resource outside the stack
    is taken to have no policy, unless nothing could reach it then.
    """

    def __init__(self, stack: Stack) -> None:
        """Of a plan its resolved view is taken."""
        self.stack: Stack = stack.resolved if isinstance(stack, Plan) else stack

    def __repr__(self) -> str:
        return f"<access in {self.stack.environment}>"

    @cached_property
    def identities(self) -> Identities:
        """Every role, user and group with its policies, and the policies of resources.

        Raises PlanError for a document that is no policy.
        """
        return collect(self.stack)

    @property
    def unmodelled(self) -> tuple[str, ...]:
        """What of the stack grants or limits access and is not taken into account, each with its address."""
        return self.identities.unmodelled

    def can(
        self,
        principal: Resource | str,
        action: str,
        resource: Resource | str,
        context: Mapping[str, Given] | None = None,
        *,
        complete: bool = False,
    ) -> Decision:
        """Whether a principal may perform an action on a resource: allow, deny or undecided, and by which statement.

        `principal` is a role or user of the stack or its address, an ARN, an account, a service such as
        "ecs-tasks.amazonaws.com", or "*" for anybody without credentials. `resource` is one of the stack or its
        address, an ARN, or "*"; with wildcards the question is about all that they match. A bucket means all of its
        objects where the action is for objects.

        `context` gives the condition keys of the request: a text, number, bool or list of them, or None for a key that
        the request does not have. Keys that follow from principal and resource, such as aws:PrincipalArn, need not be
        given. A key that is not given may have any value or none, so that an answer that depends on it is undecided;
        with `complete`, the request has no other keys.

        Raises PlanError for a principal, action or resource that there is not.
        """
        # data about every action is large: it is read when something is asked
        from stackproof.analysis.access.evaluation.questions import check_action, for_action

        check_action(action)
        caller = self._parties.caller(principal)
        target = for_action(self._parties.target(resource), action)
        known = derived(caller, target) | _by_names(context or {})
        request = Request(caller, action, target, Context(known, complete=complete))
        return decide(request, self._applicable(request), self._origin)

    def role(self, what: Resource | str) -> Role:
        """The role that is meant, by resource, address, ARN or name; raises PlanError where there is none."""
        identity = self._parties.identity(what)
        if not isinstance(identity, Role):
            raise PlanError(
                f"there is no role {what} in {self.stack.environment}", remedy=self._known(self.identities.roles)
            )
        return identity

    def user(self, what: Resource | str) -> User:
        """The user that is meant, by resource, address, ARN or name; raises PlanError where there is none."""
        identity = self._parties.identity(what)
        if not isinstance(identity, User):
            raise PlanError(
                f"there is no user {what} in {self.stack.environment}", remedy=self._known(self.identities.users)
            )
        return identity

    def trusted(self, role: Resource | str) -> tuple[Trust, ...]:
        """Everybody whom a role's trust policy allows to assume it, each with the conditions.

        Raises PlanError where there is no such role, Undecided where its trust policy is not known.
        """
        trust = _known(self.role(role).trust)
        return tuple(
            Trust(principal, statement.conditions, statement)
            for statement in trust.statements
            if statement.effect is Effect.ALLOW
            for principal in statement.principals or ()
        )

    def allowed(self, identity: Resource | str) -> tuple[Statement, ...]:
        """Every statement that allows something in the identity policies of a role, user or group.

        Raises PlanError where there is none of that name, Undecided where one of its policies is not known.
        """
        holder = self._parties.identity(identity)
        if holder is None:
            raise PlanError(f"{identity} is no role, user or group in {self.stack.environment}")
        statements = (statement for policy in holder.policies for statement in _known(policy).statements)
        return tuple(statement for statement in statements if statement.effect is Effect.ALLOW)

    @cached_property
    def _parties(self) -> Parties:
        return Parties(self.stack, self.identities)

    def _applicable(self, request: Request) -> Applicable:
        caller, target = request.caller, request.target
        identity: tuple[Policy, ...] = ()
        boundary: Policy | None = None
        if caller.identity is not None:
            identity, boundary = caller.identity.policies, caller.identity.boundary
        elif caller.kind in (Kind.ROLE, Kind.USER, Kind.SESSION):
            why = f"{caller.label} is outside this stack"
            identity = (Policy(PolicyKind.IDENTITY, holder=f"of account {caller.account}", undecided=why),)
        service = request.action.partition(":")[0].lower()
        is_guarded = self._is_guarded(target, service)
        return Applicable(
            identity=identity,
            boundary=boundary,
            resource=(*self._on(target, service), *self.identities.service_policies.get(service, ())),
            wide=self._within(target) if target.holder is None and target.is_glob else (),
            guarded=is_guarded,
            is_local=self._parties.share_account(caller, target),
            is_outside=target.holder is None and (is_guarded or target.arn != "*"),
        )

    def _on(self, target: Target, service: str) -> tuple[Policy, ...]:
        """The policies of a resource: of a role, its trust policy decides on sessions only."""
        if target.holder is None:
            return ()
        if service == "sts":
            role = self._parties.identity(target.holder)
            return (role.trust,) if isinstance(role, Role) else ()
        return self.identities.resource_policies.get(target.holder.address, ())

    def _is_guarded(self, target: Target, service: str) -> bool:
        if service == "sts":
            return target.is_glob or ":role/" in target.arn
        if service != "kms":
            return False
        if target.holder is None:
            return target.is_glob or ":key/" in target.arn
        # the policy that KMS gives a key leaves all to the account
        return target.holder.type in KMS_KEYS and bool(self._on(target, service))

    def _within(self, target: Target) -> tuple[Policy, ...]:
        found: list[Policy] = []
        for address, policies in self.identities.resource_policies.items():
            if globs.overlaps(target.arn, self._parties.arn(self.stack[address])):
                found += policies
        return tuple(found)

    def _origin(self, text: Unknown) -> Resource | None:
        if text.address not in self.stack:
            return None
        wiring = self.stack[text.address].wired(text.path)
        is_arn = wiring.exact and len(wiring.feeds) == 1 and wiring.feeds[0].attribute == "arn"
        return self.stack[wiring.feeds[0].address] if is_arn and wiring.feeds[0].address in self.stack else None

    def _known(self, identities: tuple[Identity, ...]) -> str:
        return f"known are {', '.join(identity.address for identity in identities) or 'none'}."


def _by_names(context: Mapping[str, Given]) -> dict[str, Given]:
    return dict(context)


def _known(policy: Policy) -> Policy:
    if policy.undecided:
        raise Undecided(policy.holder, policy.path, policy.undecided)
    return policy
