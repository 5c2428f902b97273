"""Network interfaces: where a resource meets the network, and behind which security groups."""

from __future__ import annotations

from dataclasses import dataclass

from stackproof.analysis.network.fabric.fabric import Fabric
from stackproof.analysis.network.fabric.subnets import Subnet
from stackproof.analysis.network.facts.doubts import NO, Chance, Doubt, both
from stackproof.analysis.network.facts.links import GROUP, GROUPS, Link
from stackproof.analysis.network.facts.passages import OPEN, Passage
from stackproof.analysis.network.space.ranges import NOWHERE, Ranges
from stackproof.plan import Resource


@dataclass(frozen=True, eq=False)
class Interface:
    """Interfaces of one kind that a resource has, one or many.

    `owner` is the address of the resource that sends and receives by them, `resource` is what describes them.
    `groups` is None where nothing filters. A public address of None is for the subnet to say. `at` are the very
    addresses where they are known. Where not `accepts`, nobody can open a connection to it.
    """

    owner: str
    resource: Resource
    kind: str
    subnets: tuple[Link, ...]
    groups: tuple[Link, ...] | None
    public_v4: Chance | None = NO
    has_v6: Chance | None = NO
    public_v6: Chance | None = None
    listens: tuple[Passage, ...] = OPEN
    accepts: bool = True
    at: Ranges = NOWHERE

    def public(self, subnet: Subnet, *, v6: bool) -> Chance:
        """Whether it has an address in a subnet that the internet can send to."""
        if not v6:
            return subnet.public_v4 if self.public_v4 is None else self.public_v4
        own = self.in_v6(subnet)
        if self.public_v6 is None or not own.possible:
            return own
        return Chance(self.public_v6.possible, both(own.doubts, self.public_v6.doubts))

    def in_v6(self, subnet: Subnet) -> Chance:
        """Whether it has an IPv6 address in a subnet."""
        if not subnet.ranges.v6:
            return NO
        return subnet.gives_v6 if self.has_v6 is None else self.has_v6

    def addresses(self, subnet: Subnet) -> Ranges:
        """Where in a subnet it can be."""
        here = self.at & subnet.ranges
        return here or subnet.ranges


def behind(fabric: Fabric, resource: Resource, path: str, subnets: tuple[Link, ...]) -> tuple[Link, ...]:
    """The security groups at a path; where none is named, the default group of the VPC around the subnets."""
    return fabric.links.of(resource, path, GROUPS) or by_default(fabric, resource, path, subnets)


def by_default(fabric: Fabric, resource: Resource, path: str, subnets: tuple[Link, ...]) -> tuple[Link, ...]:
    """The default security group of the VPC around the subnets."""
    found: dict[str, Link] = {}
    for link in subnets:
        subnet = fabric.subnets.subnet(link.key)
        if subnet.vpc:
            key = fabric.links.default(subnet.vpc, GROUP)
            found.setdefault(key, Link(key, both(link.doubts, subnet.doubts)))
    return tuple(found.values()) or (Link("", (Doubt(resource.address, path, "the default group is not known"),)),)
