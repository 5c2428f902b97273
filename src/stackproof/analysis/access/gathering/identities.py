"""The roles, users and groups of a stack, each with every policy that the stack attaches to it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stackproof.analysis.access.documents.documents import Policy, PolicyKind, Text, parse_policy
from stackproof.analysis.access.gathering.links import Linker
from stackproof.analysis.access.gathering.reading import Reader
from stackproof.plan import Place, Resource, Stack
from stackproof.plan.values import Unknown, Value, Withheld

ROLE, USER, GROUP, MANAGED = "aws_iam_role", "aws_iam_user", "aws_iam_group", "aws_iam_policy"

_AWS_MANAGED = re.compile(r"arn:aws[\w-]*:iam::aws:policy/")


@dataclass(eq=False)
class Identity:
    """What a policy can be attached to: a role, user or group, with its identity policies and permissions boundary.

    A user's policies include those of its groups.
    """

    address: str
    arn: Text
    name: Text
    policies: tuple[Policy, ...] = field(repr=False)
    boundary: Policy | None = field(repr=False)
    place: Place | None = field(repr=False)


@dataclass(eq=False)
class Role(Identity):
    """A role; its trust policy says who may assume it."""

    trust: Policy = field(repr=False)


@dataclass(eq=False)
class User(Identity):
    """A user, with the addresses of the groups that it is in."""

    groups: tuple[str, ...]


@dataclass(eq=False)
class Group(Identity):
    """A group."""


_INLINE: Mapping[str, tuple[str, str]] = {
    "aws_iam_role_policy": ("role", ROLE),
    "aws_iam_user_policy": ("user", USER),
    "aws_iam_group_policy": ("group", GROUP),
}
"""Resources that hold a policy, with the argument that says on what."""

_ATTACHMENTS: Mapping[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "aws_iam_role_policy_attachment": ("policy_arn", (("role", ROLE),)),
    "aws_iam_user_policy_attachment": ("policy_arn", (("user", USER),)),
    "aws_iam_group_policy_attachment": ("policy_arn", (("group", GROUP),)),
    "aws_iam_policy_attachment": ("policy_arn", (("roles", ROLE), ("users", USER), ("groups", GROUP))),
    "aws_iam_role_policy_attachments_exclusive": ("policy_arns", (("role_name", ROLE),)),
    "aws_iam_user_policy_attachments_exclusive": ("policy_arns", (("user_name", USER),)),
    "aws_iam_group_policy_attachments_exclusive": ("policy_arns", (("group_name", GROUP),)),
}
"""Resources that attach managed policies: which, and to what."""

_MEMBERSHIPS = {"aws_iam_user_group_membership": ("user", "groups"), "aws_iam_group_membership": ("users", "group")}


def gather(stack: Stack, linker: Linker, reader: Reader) -> tuple[dict[str, Identity], tuple[str, ...]]:
    """Every role, user and group by address, and what is attached to something outside the stack.

    Raises PlanError for a document that is no policy.
    """
    gathering = _Gathering(stack, linker, reader)
    return gathering.identities(), tuple(gathering.outside)


class _Gathering:
    def __init__(self, stack: Stack, linker: Linker, reader: Reader) -> None:
        self._stack = stack
        self._linker = linker
        self._reader = reader
        self._managed: dict[tuple[str, PolicyKind], Policy] = {}
        self._attached: dict[str, list[Policy]] = defaultdict(list)
        self._groups: dict[str, list[str]] = defaultdict(list)
        self.outside: list[str] = []

    def identities(self) -> dict[str, Identity]:
        for kind, (argument, on) in _INLINE.items():
            for resource in self._stack.resources(kind):
                policy = self._reader.read(resource, "policy", PolicyKind.IDENTITY, name=_text(resource.get("name")))
                self._attach(resource, argument, on, [policy] if policy else [])
        for kind, (argument, holders) in _ATTACHMENTS.items():
            for resource in self._stack.resources(kind):
                policies = self._managed_policies(resource, argument, PolicyKind.IDENTITY)
                for path, on in holders:
                    self._attach(resource, path, on, policies)
        for kind, (users, groups) in _MEMBERSHIPS.items():
            for resource in self._stack.resources(kind):
                self._join(resource, users, groups)
        found: dict[str, Identity] = {}
        for resource in self._stack.resources(GROUP):
            found[resource.address] = Group(*self._parts(resource))
        for resource in self._stack.resources(ROLE):
            trust = self._reader.read(resource, "assume_role_policy", PolicyKind.TRUST)
            trust = trust or Policy(PolicyKind.TRUST, holder=resource.address, path="assume_role_policy")
            found[resource.address] = Role(*self._parts(resource), trust=trust)
        for resource in self._stack.resources(USER):
            parts = self._parts(resource)
            groups_of = tuple(dict.fromkeys(self._groups[resource.address]))
            inherited = [policy for group in groups_of for policy in found[group].policies]
            found[resource.address] = User(*parts[:3], (*parts[3], *inherited), *parts[4:], groups=groups_of)
        return found

    def _parts(self, resource: Resource) -> tuple[str, Text, Text, tuple[Policy, ...], Policy | None, Place | None]:
        own: list[Policy] = []
        blocks = resource.get("inline_policy", [])
        if isinstance(blocks, list):
            for number, block in enumerate(blocks):
                policy = self._reader.read(
                    resource, f"inline_policy[{number}].policy", PolicyKind.IDENTITY, name=_text(block.get("name"))
                )
                own += [policy] if policy else []
        elif "inline_policy" in resource.arguments:
            own.append(self._undecided(resource, "inline_policy", blocks, PolicyKind.IDENTITY))
        own += self._managed_policies(resource, "managed_policy_arns", PolicyKind.IDENTITY)
        own += self._attached[resource.address]
        boundaries = self._managed_policies(resource, "permissions_boundary", PolicyKind.BOUNDARY)
        return (
            resource.address,
            _text_or_unknown(resource.get("arn")),
            _text_or_unknown(resource.get("name")),
            tuple(dict.fromkeys(own)),
            boundaries[0] if boundaries else None,
            resource.place,
        )

    def _attach(self, resource: Resource, path: str, on: str, policies: Sequence[Policy]) -> None:
        links = self._linker.find(resource, path, (on,))
        for holder in links.resources:
            if holder.mode == "managed":
                self._attached[holder.address] += policies
            else:
                self.outside.append(f"{resource.address}: attached to {holder.address}, which this stack only reads")
        self.outside += [f"{resource.address}: attached to {name}, outside this stack" for name in links.outside]
        for holder in links.possible:
            doubt = f"{links.doubt} may attach a policy to it"
            self._attached[holder.address].append(
                Policy(PolicyKind.IDENTITY, holder=resource.address, place=resource.place_of(path), undecided=doubt)
            )

    def _join(self, resource: Resource, users: str, groups: str) -> None:
        of = self._linker.find(resource, users, (USER,))
        into = self._linker.find(resource, groups, (GROUP,))
        for user in (*of.resources, *of.possible):
            for group in into.resources:
                if of.doubt:
                    self._maybe(user, resource, of.doubt)
                elif user.mode == "managed" and group.mode == "managed":
                    self._groups[user.address].append(group.address)
            if into.outside or into.doubt:
                self._maybe(user, resource, into.doubt or f"{resource.address}: the group {into.outside[0]}")
        self.outside += [f"{resource.address}: the user {name} is outside this stack" for name in of.outside]

    def _maybe(self, user: Resource, resource: Resource, doubt: str) -> None:
        why = f"{doubt} may bring policies that are not known"
        self._attached[user.address].append(Policy(PolicyKind.IDENTITY, holder=resource.address, undecided=why))

    def _managed_policies(self, resource: Resource, path: str, kind: PolicyKind) -> list[Policy]:
        """The managed policies that an argument with one ARN or several names."""
        links = self._linker.find(resource, path, (MANAGED,))
        policies = [self._of_resource(other, kind) for other in links.resources]
        policies += [self._of_arn(resource, path, arn, kind) for arn in links.outside]
        if links.doubt:
            policies.append(self._undecided(resource, path, links.doubt, kind))
        return policies

    def _of_resource(self, resource: Resource, kind: PolicyKind) -> Policy:
        key = (resource.address, kind)
        if key not in self._managed:
            arn = _text(resource.get("arn"))
            if resource.mode == "data" and resource.is_unknown("policy") and _AWS_MANAGED.match(arn):
                return self._of_arn(resource, "arn", arn, kind)
            policy = self._reader.read(resource, "policy", kind, name=_text(resource.get("name")))
            self._managed[key] = policy or Policy(kind, holder=resource.address)
        return self._managed[key]

    def _of_arn(self, resource: Resource, path: str, arn: str, kind: PolicyKind) -> Policy:
        """A policy outside the stack: an AWS-managed one is known by its ARN."""
        # the bundled documents are large, and most stacks need none of them
        from stackproof.analysis.access.catalog import managed

        is_aws_managed = _AWS_MANAGED.match(arn) is not None
        document = managed.document(arn) if is_aws_managed else None
        if document is None:
            why = "is not among the bundled ones" if is_aws_managed else "is outside this stack"
            policy = self._undecided(resource, path, f"the document of {arn} {why}", kind)
            policy.managed_arn = arn
            return policy
        return parse_policy(
            document,
            kind=kind,
            holder=resource.address,
            path=path,
            place=resource.place_of(path),
            name=arn.rpartition("/")[2],
            managed_arn=arn,
        )

    def _undecided(self, resource: Resource, path: str, why: Value, kind: PolicyKind) -> Policy:
        reason = why.reason if isinstance(why, Unknown) else "sensitive" if isinstance(why, Withheld) else why
        place = resource.place_of(path)
        return Policy(kind, holder=resource.address, path=path, place=place, undecided=reason)


def _text(value: Value) -> str:
    return str.__str__(value) if isinstance(value, str) else ""


def _text_or_unknown(value: Value) -> Text:
    return value if isinstance(value, Unknown) else _text(value)
