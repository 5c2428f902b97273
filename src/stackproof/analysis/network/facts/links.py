"""Which resource an argument means: by the references that feed it, and by ids that are known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from stackproof.analysis.network.facts.doubts import Doubt, Doubts
from stackproof.analysis.network.facts.reading import blocks, doubt, every, is_unset
from stackproof.plan import Resource, Stack
from stackproof.plan.values import Value, Withheld
from stackproof.plan.wiring import Feed, Traced

VPCS = ("aws_vpc", "aws_default_vpc")
SUBNETS = ("aws_subnet", "aws_default_subnet")
GROUPS = ("aws_security_group", "aws_default_security_group")
TABLES = ("aws_route_table", "aws_default_route_table")
BALANCERS = ("aws_lb", "aws_alb", "aws_elb")
TARGET_GROUPS = ("aws_lb_target_group", "aws_alb_target_group")
LISTENERS = ("aws_lb_listener", "aws_alb_listener")

GROUP, TABLE, ACL = "default security group", "main route table", "default network ACL"

VPC_DEFAULTS: Mapping[str, str] = {
    "default_security_group_id": GROUP,
    "default_route_table_id": TABLE,
    "main_route_table_id": TABLE,
    "default_network_acl_id": ACL,
}
"""What AWS makes with each VPC: https://docs.aws.amazon.com/vpc/latest/userguide/create-vpc.html."""

_ADOPTERS: Mapping[str, tuple[str, str]] = {
    "aws_default_security_group": ("vpc_id", GROUP),
    "aws_default_route_table": ("default_route_table_id", TABLE),
    "aws_default_network_acl": ("default_network_acl_id", ACL),
}
"""The resources that take those over, and the argument that says of which VPC."""

_IDENTITIES = (
    "id",
    "arn",
    "name",
    "arn_without_revision",
    "primary_network_interface_id",
    "cluster_identifier",
    "prefix_list_id",
    "family",
)


@dataclass(frozen=True)
class Link:
    """A resource that is meant, by address; by id where it is outside the stack; "" where nobody knows which."""

    key: str
    doubts: Doubts = ()


class Links:
    """Follows arguments to what they mean."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._known: dict[str, Mapping[str, str]] = {}
        self._of_vpcs = self._defaults_of_vpcs()
        self._adopted: dict[str, str] = {}
        for name, (path, what) in _ADOPTERS.items():
            for resource in stack.resources(name):
                for link in self.of(resource, path, VPCS):
                    made = link.key if link.key.endswith(f"({what})") else f"{link.key} ({what})"
                    self._adopted[made] = resource.address

    def default(self, vpc: str, what: str) -> str:
        """What AWS made with a VPC: the address of what manages it, else a name."""
        made = f"{vpc} ({what})"
        return self._adopted.get(made, made)

    def find(self, key: str) -> Resource | None:
        """The resource or data source that a key stands for; None for all else."""
        return self._stack[key] if key and key in self._stack else None

    def is_inside(self, key: str) -> bool:
        """Whether a managed resource of the stack is meant, not a data source or something outside."""
        return key in self._stack and self._stack[key].mode == "managed"

    def of(self, resource: Resource, path: str, types: Collection[str]) -> tuple[Link, ...]:
        """What the argument at a path, one id or a list, means among resources of these types.

        Nothing where it is left to its default. Ids that no resource of the stack has stand for themselves.
        """
        value = resource.get(path)
        items: Iterable[Value] = value if isinstance(value, list) else [value]
        found: dict[str, Doubts] = {}
        hidden: Value = None
        for item in items:
            if isinstance(item, Withheld):
                hidden = item
            elif isinstance(item, str) and len(item):
                for key in self.meant(item, types):
                    found[key] = () if key else (doubt(resource, path),)
        if hidden is not None and not is_unset(resource, path):
            for key, doubts in self._wired(resource, path, hidden, types, found):
                found.setdefault(key, doubts)
        return tuple(Link(key, doubts) for key, doubts in found.items())

    def of_blocks(self, resource: Resource, path: str, name: str, types: Collection[str]) -> tuple[Link, ...]:
        """What an argument of all nested blocks at a path means together."""
        found = (link for inside, _ in blocks(resource, path) for link in self.of(resource, f"{inside}.{name}", types))
        return tuple({link.key: link for link in found}.values())

    def one(self, resource: Resource, path: str, types: Collection[str]) -> Link:
        """What a single id means; where it could be several, nobody knows which."""
        links = self.of(resource, path, types)
        if len(links) == 1:
            return links[0]
        return Link("", tuple(d for link in links for d in link.doubts)[:1] or (doubt(resource, path),))

    def meant(self, text: str, types: Collection[str]) -> Iterable[str]:
        """The keys of the resources of these types that a known id, ARN or name means."""
        if isinstance(text, Traced):
            keys = [key for feed in text.feeds if (key := self._fed_by(feed, types))]
            return keys or [""]
        # a rule names a group of another account as account/group
        plain = text.rpartition("/")[2] if "/sg-" in text else text
        for name in types:
            if plain in self._index(name):
                return [self._index(name)[plain]]
        made = self._of_vpcs.get(plain, plain)
        return [self._adopted.get(made, made)]

    def _wired(
        self, resource: Resource, path: str, hidden: Value, types: Collection[str], found: Collection[str]
    ) -> Iterable[tuple[str, Doubts]]:
        wiring = resource.wired(path)
        why = (
            () if wiring.exact else (Doubt(resource.address, path, wiring.reason or "which one is known after apply"),)
        )
        keys = dict.fromkeys(key for feed in wiring if (key := self._fed_by(feed, types)))
        # a reference to something else, such as a list of ids that a data source reads, can mean anything
        lost = not wiring.complete or all(key in found for key in keys)
        for key in keys:
            yield key, why
        if lost:
            yield "", why or (doubt(resource, path, hidden),)

    def _fed_by(self, feed: Feed, types: Collection[str]) -> str:
        resource = self.find(feed.address)
        if resource is None:
            return ""
        if resource.type in VPCS and feed.attribute in VPC_DEFAULTS:
            return self.default(feed.address, VPC_DEFAULTS[feed.attribute])
        return feed.address if resource.type in types else ""

    def _index(self, name: str) -> Mapping[str, str]:
        if name not in self._known:
            self._known[name] = {
                str.__str__(value): resource.address
                for resource in (*self._stack.data_sources(name), *self._stack.resources(name))
                for identity in _IDENTITIES
                if isinstance(value := resource.get(identity), str) and len(value)
            }
        return self._known[name]

    def _defaults_of_vpcs(self) -> dict[str, str]:
        return {
            str.__str__(value): f"{vpc.address} ({what})"
            for vpc in every(self._stack, VPCS, data=True)
            for name, what in VPC_DEFAULTS.items()
            if isinstance(value := vpc.get(name), str) and len(value)
        }
