"""Ways to more rights by passing a role to a service, which then acts with it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from stackproof.analysis.access.comparison.symbols import arn_pattern
from stackproof.analysis.access.documents.documents import Effect
from stackproof.analysis.access.escalations.gains import Gain
from stackproof.analysis.access.escalations.methods import OVERRIDE_TASK, PASS_ROLE_METHODS, PassRoleMethod
from stackproof.analysis.access.escalations.rights import Right, Rights, ask
from stackproof.analysis.access.escalations.ways import OUTSIDE, Escalation, Scene, way
from stackproof.analysis.access.evaluation.context import Given
from stackproof.analysis.access.evaluation.evaluation import Answer, Decision
from stackproof.analysis.access.evaluation.parties import account_in
from stackproof.analysis.access.gathering.collection import Identity, Role
from stackproof.analysis.access.patterns import globs
from stackproof.plan.values import Unknown

PASS = "iam:PassRole"  # noqa: S105
INSTANCES = "ec2.amazonaws.com"


@dataclass(frozen=True, eq=False)
class _Trust:
    """That a role trusts a service, on behalf of what is `within` these ARNs; no ARNs are any."""

    within: tuple[str, ...] = ()
    doubt: str = ""


class Passing:
    """Finds the ways of passing roles of one stack."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._trusting = functools.cache(self._find_trusting)
        self._in_profiles = self._roles_in_profiles()

    def found(self, principal: Identity) -> Iterator[Escalation]:
        """The ways of one role or user."""
        rights = self._scene.rights(principal)
        if not rights.mentions(PASS):
            return
        run: set[str] = set()
        for method in PASS_ROLE_METHODS:
            for escalation in self._by_method(principal, rights, method):
                run |= {escalation.target} if method.service == OVERRIDE_TASK.service else set()
                yield escalation
        yield from (each for each in self._by_override(principal, rights) if each.target not in run)

    def _by_method(self, principal: Identity, rights: Rights, method: PassRoleMethod) -> Iterator[Escalation]:
        if not all(any(map(rights.mentions, group)) for group in method.actions):
            return
        meant = rights.meant(PASS)
        for role, trust in self._trusting(method.service, method.actions[0][0].split(":")[0]):
            if role.address not in meant:
                continue
            passed = self._passed(rights, method, role)
            running = rights.any_of(method.actions, trust.within) if passed else None
            if passed is not None and running is not None:
                yield from self._gaining(principal, method, role, passed & running, trust.doubt)
        yield from self._outside(principal, rights, method)

    def _passed(self, rights: Rights, method: PassRoleMethod, role: Identity) -> Right | None:
        return rights.on(PASS, role.address, {"iam:PassedToService": method.service})

    def _gaining(
        self, principal: Identity, method: PassRoleMethod, role: Role, right: Right, *doubts: str
    ) -> Iterator[Escalation]:
        gain = self._scene.gains.between(principal, role) if role is not principal else None
        if gain is not None:
            doubt = self._profile_doubt(principal, method, role)
            yield way(principal, method, role.address, right, gain, *doubts, doubt)

    def _profile_doubt(self, principal: Identity, method: PassRoleMethod, role: Role) -> str:
        """An instance gets a role by an instance profile, which has to be there or to be made."""
        if method.service != INSTANCES or role.address in self._in_profiles:
            return ""
        making = ("iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile")
        if self._scene.rights(principal).somewhere(making) is not None:
            return ""
        return f"it depends on whether {role.address} is in an instance profile, which this stack does not have"

    def _roles_in_profiles(self) -> frozenset[str]:
        profiles = self._scene.stack.resources("aws_iam_instance_profile")
        links = [self._scene.linker.find(profile, "role", ("aws_iam_role",)) for profile in profiles]
        return frozenset(role.address for link in links for role in (*link.resources, *link.possible))

    def _outside(self, principal: Identity, rights: Rights, method: PassRoleMethod) -> Iterator[Escalation]:
        """Roles that are not in the stack, whatever there is."""
        found = list(rights.elsewhere(PASS, self._scene.known, {"iam:PassedToService": method.service}))
        running = rights.any_of(method.actions) if found else None
        for pattern, passed in found:
            if running is not None:
                gain = Gain((f"what roles outside this stack by {pattern} may do",))
                yield way(principal, method, pattern, passed & running, gain, OUTSIDE)

    def _by_override(self, principal: Identity, rights: Rights) -> Iterator[Escalation]:
        """A task of a definition that there is, with another command and another role."""
        method = OVERRIDE_TASK
        if not any(map(rights.mentions, method.actions[0])):
            return
        for definition in self._scene.stack.resources("aws_ecs_task_definition"):
            if not any(definition.address in rights.meant(action) for action in method.actions[0]):
                continue
            runs = [rights.on(action, definition.address) for action in method.actions[0]]
            execution = self._scene.linker.find(definition, "execution_role_arn", ("aws_iam_role",))
            passes = [
                rights.on(PASS, role.address, {"iam:PassedToService": method.service}) for role in execution.resources
            ]
            run = next((right for right in runs if right is not None), None)
            if run is None or None in passes:
                continue
            own = functools.reduce(Right.__and__, (right for right in passes if right is not None), run)
            for role, trust in self._trusting(method.service, "ecs"):
                passed = self._passed(rights, method, role) if role.address in rights.meant(PASS) else None
                if passed is not None:
                    yield from self._gaining(principal, method, role, passed & own, trust.doubt)

    def _find_trusting(self, service: str, prefix: str) -> tuple[tuple[Role, _Trust], ...]:
        """The roles that trust a service, for something of the service that has this prefix in ARNs."""
        found = ((role, self._trust(role, service, prefix)) for role in self._naming(service))
        return tuple((role, trust) for role, trust in found if trust is not None)

    def _naming(self, service: str) -> Iterator[Role]:
        """The roles whose trust policies may be about a service."""
        for role in self._scene.identities.roles:
            for statement in role.trust.statements:
                values = [principal.value for principal in statement.principals or ()]
                if statement.not_principals or any(isinstance(v, Unknown) or v in ("*", service) for v in values):
                    yield role
                    break
            else:
                if role.trust.undecided:
                    yield role

    def _trust(self, role: Role, service: str, prefix: str) -> _Trust | None:
        account = account_in(self._scene.arn(role))
        given: dict[str, Given] = {"aws:SourceAccount": account} if account else {}
        decision = self._asked(service, role, given)
        if decision is None or decision.verdict is Answer.DENY:
            return None
        if decision.verdict is Answer.ALLOW:
            return _Trust()
        for within in self._sources(role):
            source = globs.solve((globs.Clause((within,)), globs.Clause((f"arn:*:{prefix}:*",))))
            on_behalf = self._asked(service, role, {**given, "aws:SourceArn": source}) if source else None
            if on_behalf is not None and on_behalf.verdict is Answer.ALLOW:
                return _Trust((within,))
        without = self._asked(service, role, {**given, "aws:SourceArn": f"arn:aws:{prefix}:::none"})
        is_closed = without is not None and without.verdict is Answer.DENY
        return None if is_closed else _Trust(doubt=decision.reason)

    def _asked(self, service: str, role: Role, context: dict[str, Given]) -> Decision | None:
        return ask(self._scene.access, service, "sts:AssumeRole", role.address, context)

    def _sources(self, role: Role) -> Iterator[str]:
        """The ARNs on whose behalf a trust policy lets a service assume the role."""
        for statement in role.trust.statements:
            for condition in statement.conditions if statement.effect is Effect.ALLOW else ():
                if condition.key.lower() == "aws:sourcearn":
                    patterns = (arn_pattern(value) for value in condition.values if isinstance(value, str))
                    yield from filter(None, patterns)
