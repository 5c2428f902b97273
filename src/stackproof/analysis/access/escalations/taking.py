"""Ways to more rights by taking over what has a role already: what runs with one, and the role itself."""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.analysis.access.catalog import actions
from stackproof.analysis.access.escalations.gains import Gain
from stackproof.analysis.access.escalations.methods import ASSUME, RUNS_AS, TAKE_OVER_METHODS, TakeOverMethod
from stackproof.analysis.access.escalations.rights import Right, Rights
from stackproof.analysis.access.escalations.ways import OUTSIDE, Escalation, Scene, way
from stackproof.analysis.access.gathering.collection import Identity, Role
from stackproof.analysis.access.patterns import globs
from stackproof.plan import Resource
from stackproof.plan.values import Withheld

SERVICE, STACK = "aws_ecs_service", "aws_cloudformation_stack"

_TYPES = ("aws_iam_role", *RUNS_AS)


class Taking:
    """Finds the ways of taking over roles in one stack."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._roles = {role.address: role for role in scene.identities.roles}
        self._running: dict[str, tuple[tuple[Role, str], ...]] = {}

    def found(self, principal: Identity) -> Iterator[Escalation]:
        """The ways of one role or user."""
        rights = self._scene.rights(principal)
        yield from self._assuming(principal, rights)
        for method in TAKE_OVER_METHODS:
            if all(any(map(rights.mentions, group)) for group in method.actions):
                for resource in self._scene.stack.resources(method.type):
                    if self._may_be_meant(rights, method, resource):
                        yield from self._of(principal, rights, method, resource)

    def _may_be_meant(self, rights: Rights, method: TakeOverMethod, resource: Resource) -> bool:
        """Whether the statements may mean a resource: to ask IAM about every one takes long."""
        is_itself = isinstance(resource.get("arn"), str) and resource.type != SERVICE
        return not is_itself or any(resource.address in rights.meant(action) for action in method.actions[0])

    def _assuming(self, principal: Identity, rights: Rights) -> Iterator[Escalation]:
        for role in self._scene.among(self._roles.values(), rights, "sts:AssumeRole"):
            right = rights.on("sts:AssumeRole", role.address) if role is not principal else None
            gain = self._scene.gains.between(principal, role) if right else None
            if right is not None and gain is not None:
                yield way(principal, ASSUME, role.address, right, gain)
        for pattern, right in rights.elsewhere("sts:AssumeRole", self._scene.known, {}):
            yield way(principal, ASSUME, pattern, right, Gain((f"what roles outside by {pattern} may do",)), OUTSIDE)

    def _of(
        self, principal: Identity, rights: Rights, method: TakeOverMethod, resource: Resource
    ) -> Iterator[Escalation]:
        doubt = self._missing(method, resource)
        if doubt is None:
            return
        roles = [(role, why) for role, why in self.running(resource) if role is not principal]
        right = self._right(rights, method, resource) if roles else None
        for role, why in roles:
            gain = self._scene.gains.between(principal, role) if right else None
            if right is not None and gain is not None:
                yield way(principal, method, role.address, right, gain, doubt, why, self._doubt(method, role))

    def _missing(self, method: TakeOverMethod, resource: Resource) -> str | None:
        """Why it may not work on a resource, None where it does not."""
        if not method.needs:
            return ""
        value = resource.get(method.needs)
        if isinstance(value, Withheld):
            return f"it depends on {method.needs} of {resource.address}"
        return "" if value else None

    def _doubt(self, method: TakeOverMethod, role: Role) -> str:
        """What the plan does not tell; an instance with a role for the agent is managed by Systems Manager."""
        if method.actions[0][0].startswith("ssm:"):
            agent = self._scene.rights(role).any_of((("ssmmessages:CreateControlChannel", "ec2messages:GetMessages"),))
            return "" if agent is not None else method.doubt
        return method.doubt

    def _right(self, rights: Rights, method: TakeOverMethod, resource: Resource) -> Right | None:
        found = Right()
        for group in method.actions:
            tried = [self._right_to(rights, action, resource) for action in group]
            best = sorted((right for right in tried if right is not None), key=lambda right: bool(right.doubt))
            if not best:
                return None
            found &= best[0]
        return found

    def _right_to(self, rights: Rights, action: str, resource: Resource) -> Right | None:
        """The right to an action on a resource, and on what else a request for it needs."""
        forms = actions.resource_types(action)
        required = actions.resource_types(action, required=True).values()
        own = self._arns(resource)
        found: Right | None = Right()
        for arn in own:
            if found is not None and any(globs.overlaps(arn, form) for form in forms.values()):
                right = rights.on(action, arn)
                found = found & right if right is not None else None
        is_whole = all(any(globs.overlaps(arn, form) for arn in own) for form in required)
        other = Right() if is_whole else rights.somewhere([action])
        return found & other if found is not None and other is not None else None

    def _arns(self, resource: Resource) -> list[str]:
        """What is acted on: a resource, or of a service the cluster and the tasks in it."""
        if resource.type == STACK:
            name = resource.get("name")
            return [f"arn:*:cloudformation:*:*:stack/{name if isinstance(name, str) else '*'}/*"]
        if resource.type != SERVICE:
            return [self._scene.parties.arn(resource)]
        links = self._scene.linker.find(resource, "cluster", ("aws_ecs_cluster",))
        clusters = [self._scene.parties.arn(cluster) for cluster in (*links.resources, *links.possible)]
        return [arn for cluster in clusters for arn in (cluster, f"{cluster.replace(':cluster/', ':task/')}/*")]

    def running(self, resource: Resource) -> tuple[tuple[Role, str], ...]:
        """The roles with whose credentials something runs, each with why it may be another."""
        if resource.address not in self._running:
            self._running[resource.address] = tuple(self._follow(resource, ""))
        return self._running[resource.address]

    def _follow(self, resource: Resource, doubt: str) -> Iterator[tuple[Role, str]]:
        for path in RUNS_AS.get(resource.type, ()):
            links = self._scene.linker.find(resource, path, _TYPES)
            for other in (*links.resources, *links.possible):
                why = doubt or (links.doubt if other in links.possible else "")
                if other.address in self._roles:
                    yield self._roles[other.address], why and f"it depends on {why}"
                elif other.type in RUNS_AS:
                    yield from self._follow(other, why)
