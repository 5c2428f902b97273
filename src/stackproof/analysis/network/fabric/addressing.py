"""Which addresses VPCs, subnets and CIDR arguments stand for."""

from __future__ import annotations

from collections import defaultdict

from stackproof.analysis.network.facts.doubts import Doubt, Doubts
from stackproof.analysis.network.facts.links import SUBNETS, VPCS, Links
from stackproof.analysis.network.facts.reading import doubt, every, is_unset
from stackproof.analysis.network.space.internet import INTERNET, PRIVATE_V4
from stackproof.analysis.network.space.ranges import ALL_V4, ALL_V6, EVERYWHERE, NOWHERE, Ranges
from stackproof.plan import Resource, Stack, Unknown
from stackproof.plan.values import Value
from stackproof.plan.wiring import Traced

_PARTS = {"aws_vpc_ipv4_cidr_block_association": "cidr_block", "aws_vpc_ipv6_cidr_block_association": "ipv6_cidr_block"}


class Addressing:
    """The address ranges of a stack.

    An IPv6 range that AWS will choose is stood in for by one from the range for documentation, so that inside and
    outside of it can be told: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
    """

    def __init__(self, stack: Stack, links: Links) -> None:
        self._stack = stack
        self._links = links
        self._vpcs: dict[str, Ranges] = defaultdict(Ranges)
        self._stand_ins: dict[str, Ranges] = {}
        self._subnets: dict[str, Ranges] = {}
        for vpc in every(stack, VPCS, data=True):
            own = _known(vpc, "cidr_block") | _known(vpc, "ipv6_cidr_block")
            chosen = not own.v6 and vpc.get("assign_generated_ipv6_cidr_block") == True  # noqa: E712
            self._vpcs[vpc.address] |= own | (self._stand_in(vpc.address) if chosen else NOWHERE)
        for kind, path in _PARTS.items():
            for part in stack.resources(kind):
                self._vpcs[links.one(part, "vpc_id", VPCS).key] |= _known(part, path)
        for subnet in every(stack, SUBNETS, data=True):
            vpc_key = links.one(subnet, "vpc_id", VPCS).key
            self._subnets[subnet.address] = self._of_subnet(subnet, vpc_key)
            self._vpcs[vpc_key] |= Ranges(v6=self._subnets[subnet.address].v6)
        self.internet = INTERNET
        for own in self._vpcs.values():
            self.internet -= own

    def vpc(self, key: str) -> Ranges:
        """All addresses of a VPC; for one whose ranges nobody knows, all private ones."""
        found = self._vpcs.get(key, NOWHERE)
        return found if found.v4 else found | PRIVATE_V4

    def subnet(self, key: str, vpc: str) -> Ranges:
        """The addresses of a subnet; its VPC's where nobody knows better."""
        return self._subnets.get(key) or self.vpc(vpc)

    def cidr(self, resource: Resource, path: str, value: Value) -> tuple[Ranges, str, Doubts]:
        """The addresses of a CIDR value at a path, how to show them, and a doubt where all addresses could be meant."""
        if isinstance(value, Traced):
            shown = ", ".join(map(str, value.feeds))
            if any("ipv6_cidr_block" in feed.attribute for feed in value.feeds):
                return Ranges.of(str.__str__(value)), shown, ()
            return ALL_V6 if ":" in value else ALL_V4, shown, (doubt(resource, path),)
        if isinstance(value, str):
            try:
                return Ranges.of(value), value, ()
            except ValueError:
                return EVERYWHERE, value, (Doubt(resource.address, path, f"{value!r} is no CIDR block"),)
        wiring = resource.wired(path)
        everything = ALL_V6 if "v6" in path else ALL_V4
        if wiring.exact and len(wiring) == 1 and "ipv6_cidr_block" in wiring.feeds[0].attribute:
            own = self._vpcs.get(wiring.addresses[0]) or self._subnets.get(wiring.addresses[0]) or NOWHERE
            if own.v6:
                # of a subnet's own range only the VPC's around it is known
                unsure = () if wiring.addresses[0] in self._vpcs else (doubt(resource, path, value),)
                return Ranges(v6=own.v6), str(wiring.feeds[0]), unsure
        return everything, repr(value), (doubt(resource, path, value),)

    def _of_subnet(self, subnet: Resource, vpc: str) -> Ranges:
        v4, v6 = _known(subnet, "cidr_block"), _known(subnet, "ipv6_cidr_block")
        if not v4:
            v4 = Ranges(v4=self.vpc(vpc).v4)
        if not v6 and isinstance(subnet.get("ipv6_cidr_block"), Unknown) and not is_unset(subnet, "ipv6_cidr_block"):
            v6 = Ranges(v6=self._vpcs[vpc].v6) or self._stand_in(vpc)
        return v4 | v6

    def _stand_in(self, vpc: str) -> Ranges:
        return self._stand_ins.setdefault(vpc, Ranges.of(f"2001:db8:{len(self._stand_ins):x}::/48"))


def _known(resource: Resource, path: str) -> Ranges:
    value = resource.get(path)
    if not isinstance(value, str) or not len(value) or (isinstance(value, Traced) and ":" not in value):
        return NOWHERE
    try:
        return Ranges.of(str.__str__(value))
    except ValueError:
        return NOWHERE
