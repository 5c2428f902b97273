"""Subnets, with the route table and the network ACL that apply to each, and the gateways and peerings of VPCs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from stackproof.analysis.network.fabric.acls import ACLS, Acls
from stackproof.analysis.network.fabric.addressing import Addressing
from stackproof.analysis.network.fabric.routes import Route, RouteTables, condensed
from stackproof.analysis.network.facts.doubts import NO, YES, Chance, Doubt, Doubts, both
from stackproof.analysis.network.facts.links import ACL, SUBNETS, TABLE, TABLES, VPCS, Link, Links
from stackproof.analysis.network.facts.passages import Passage
from stackproof.analysis.network.facts.reading import every, flag, is_unset
from stackproof.analysis.network.space.ranges import Ranges
from stackproof.plan import Resource, Stack


@dataclass(frozen=True)
class Subnet:
    """A subnet. Where it is not certain which table or ACL applies, there are several, each with a doubt."""

    key: str
    vpc: str
    ranges: Ranges
    tables: tuple[Link, ...]
    acls: tuple[Link, ...]
    public_v4: Chance
    """Whether instances are given public IPv4 addresses by default."""
    gives_v6: Chance
    """Whether instances are given IPv6 addresses by default."""
    doubts: Doubts = ()


class Subnets:
    """The subnets of a stack, and those outside it that something in the stack stands in."""

    def __init__(self, stack: Stack, links: Links, addressing: Addressing, tables: RouteTables, acls: Acls) -> None:
        self._stack = stack
        self._links = links
        self._addressing = addressing
        self._tables = tables
        self._acls = acls
        self._subnets: dict[str, Subnet] = {}
        self._routes: dict[str, tuple[Route, ...]] = {}
        self._filters: dict[tuple[str, bool], tuple[Passage, ...]] = {}
        self._main = {
            vpc.key: links.one(association, "route_table_id", TABLES)
            for association in stack.resources("aws_main_route_table_association")
            for vpc in links.of(association, "vpc_id", VPCS)
        }
        self._table_of: dict[str, list[Link]] = defaultdict(list)
        for association in stack.resources("aws_route_table_association"):
            self._associate(self._table_of, association, "subnet_id", links.of(association, "route_table_id", TABLES))
        self._acl_of: dict[str, list[Link]] = defaultdict(list)
        for association in stack.resources("aws_network_acl_association"):
            self._associate(self._acl_of, association, "subnet_id", links.of(association, "network_acl_id", ACLS))
        for acl in every(stack, ACLS):
            self._associate(self._acl_of, acl, "subnet_ids", (Link(acl.address),))

    @property
    def keys(self) -> list[str]:
        """The subnets that the stack manages."""
        return [subnet.address for subnet in every(self._stack, SUBNETS)]

    def subnet(self, key: str) -> Subnet:
        """A subnet by its key (see `Link`)."""
        if key not in self._subnets:
            self._subnets[key] = self._made(key)
        return self._subnets[key]

    def routes(self, subnet: Subnet) -> tuple[Route, ...]:
        """The routes that apply to a subnet, from all tables that may be its own."""
        if subnet.key not in self._routes:
            self._routes[subnet.key] = condensed(
                replace(route, doubts=both(table.doubts, route.doubts))
                for table in subnet.tables
                for route in self._tables.routes(table.key, subnet.vpc)
            )
        return self._routes[subnet.key]

    def filters(self, subnet: Subnet, *, inbound: bool) -> tuple[Passage, ...]:
        """What may pass the border of a subnet, by all ACLs that may be its own."""
        if (subnet.key, inbound) not in self._filters:
            self._filters[subnet.key, inbound] = tuple(
                replace(passage, doubts=both(acl.doubts, passage.doubts))
                for acl in subnet.acls
                for passage in self._acls.passages(acl.key, inbound=inbound)
            )
        return self._filters[subnet.key, inbound]

    def _made(self, key: str) -> Subnet:
        resource = self._links.find(key)
        vpc = self._links.one(resource, "vpc_id", VPCS) if resource else Link("")
        if resource and resource.type == "aws_default_subnet" and not vpc.key:
            vpc = Link("", (Doubt(key, "", "what the default VPC of the account looks like is not known"),))
        usual_acl = self._made_with(vpc.key, ACL, key)
        return Subnet(
            key,
            vpc.key,
            self._addressing.subnet(key, vpc.key),
            tables=self._applying([*self._table_of[key], *self._table_of[""]], self._main_table(vpc.key, key)),
            acls=self._applying([*self._acl_of[key], *self._acl_of[""]], usual_acl),
            public_v4=self._gives(resource, "map_public_ip_on_launch"),
            gives_v6=self._gives(resource, "assign_ipv6_address_on_creation"),
            doubts=vpc.doubts,
        )

    def _main_table(self, vpc: str, subnet: str) -> Link:
        return self._main.get(vpc) or self._main.get("") or self._made_with(vpc, TABLE, subnet)

    def _made_with(self, vpc: str, what: str, subnet: str) -> Link:
        if vpc:
            return Link(self._links.default(vpc, what))
        return Link("", (Doubt(subnet or "a subnet", "", f"which {what.split(' ', 1)[1]} it has is not known"),))

    @staticmethod
    def _gives(resource: Resource | None, path: str) -> Chance:
        if resource is None:
            return Chance(possible=True, doubts=(Doubt("a subnet", path, "is not in this stack"),))
        by_default = resource.type == "aws_default_subnet" and path == "map_public_ip_on_launch"
        return (YES if by_default else NO) if is_unset(resource, path) else flag(resource, path)

    @staticmethod
    def _applying(associated: list[Link], usual: Link) -> tuple[Link, ...]:
        certain = [link for link in associated if not link.doubts]
        if certain:
            return tuple(certain)
        if not associated:
            return (usual,)
        # one of those that may be associated is, or none
        return (*associated, Link(usual.key, (*usual.doubts, *associated[0].doubts)))

    def _associate(
        self, found: dict[str, list[Link]], resource: Resource, path: str, targets: tuple[Link, ...]
    ) -> None:
        for subnet in self._links.of(resource, path, SUBNETS):
            for target in targets or (Link("", (Doubt(resource.address, "", "what is associated is not known"),)),):
                found[subnet.key].append(Link(target.key, (*subnet.doubts, *target.doubts)))
