"""Route tables: where packets for an address go.

https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html, and for which route wins
https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from stackproof.analysis.network.fabric.addressing import Addressing
from stackproof.analysis.network.fabric.prefix_lists import PrefixLists
from stackproof.analysis.network.facts.doubts import Doubt, Doubts, both
from stackproof.analysis.network.facts.former import former, known
from stackproof.analysis.network.facts.hops import ROUTE, Hop, hop
from stackproof.analysis.network.facts.links import TABLE, TABLES, Link, Links
from stackproof.analysis.network.facts.reading import every, hidden_blocks, is_unset, known_blocks, text
from stackproof.analysis.network.space.ranges import EVERYWHERE, NOWHERE, Ranges
from stackproof.plan import Action, Resource, Stack
from stackproof.plan.values import Value


class Via(StrEnum):
    """What a route leads to."""

    LOCAL = "local"
    INTERNET_GATEWAY = "internet gateway"
    NAT_GATEWAY = "NAT gateway"
    EGRESS_ONLY = "egress-only internet gateway"
    ENDPOINT = "gateway endpoint"
    PEERING = "peering connection"
    ELSEWHERE = "another network"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Route:
    """The addresses, or the AWS service, that a route leads to, and through what."""

    destinations: Ranges
    via: Via
    key: str
    hop: Hop
    doubts: Doubts = ()
    service: str = ""
    somewhere: bool = False
    """Whether all that is known of its destination is that it lies among the addresses."""


_GATEWAYS = ("aws_internet_gateway", "aws_vpn_gateway", "aws_vpc_endpoint")
_TARGETS: Mapping[str, tuple[tuple[str, ...], Via]] = {
    "gateway_id": (_GATEWAYS, Via.UNKNOWN),
    "nat_gateway_id": (("aws_nat_gateway",), Via.NAT_GATEWAY),
    "egress_only_gateway_id": (("aws_egress_only_internet_gateway",), Via.EGRESS_ONLY),
    "vpc_peering_connection_id": (
        ("aws_vpc_peering_connection", "aws_vpc_peering_connection_accepter"),
        Via.PEERING,
    ),
    "transit_gateway_id": (("aws_ec2_transit_gateway",), Via.ELSEWHERE),
    "core_network_arn": (("aws_networkmanager_core_network",), Via.ELSEWHERE),
    "local_gateway_id": (("aws_ec2_local_gateway",), Via.ELSEWHERE),
    "carrier_gateway_id": (("aws_ec2_carrier_gateway",), Via.ELSEWHERE),
    "vpc_endpoint_id": (("aws_vpc_endpoint", "aws_networkfirewall_firewall"), Via.UNKNOWN),
    "network_interface_id": (("aws_network_interface", "aws_instance"), Via.UNKNOWN),
    "instance_id": (("aws_instance",), Via.UNKNOWN),
}
_KINDS: Mapping[str, Via] = {
    "aws_internet_gateway": Via.INTERNET_GATEWAY,
    "igw": Via.INTERNET_GATEWAY,
    "aws_vpn_gateway": Via.ELSEWHERE,
    "vgw": Via.ELSEWHERE,
}
_NOT_MODELLED = (Via.ELSEWHERE, Via.UNKNOWN)


class RouteTables:
    """The routes of every table, by the table's key (see `Link`)."""

    def __init__(self, stack: Stack, links: Links, addressing: Addressing, prefix_lists: PrefixLists) -> None:
        self._links = links
        self._addressing = addressing
        self._prefix_lists = prefix_lists
        self._written: dict[str, list[Route]] = defaultdict(list)
        self._effective: dict[tuple[str, str], tuple[Route, ...]] = {}
        self.notes: dict[str, str] = {}
        gone = {_destination(values) for values in former(stack, ("aws_route",))}
        for table in every(stack, TABLES):
            self._add_inline(table, gone)
        for route in stack.resources("aws_route"):
            for link in links.of(route, "route_table_id", TABLES):
                self._note_mixture(link.key, route)
                self._add(link, self._read(route, "", "destination_cidr_block", "destination_ipv6_cidr_block"))
        for endpoint in stack.resources("aws_vpc_endpoint"):
            for link in links.of(endpoint, "route_table_ids", TABLES):
                self._add(link, [self._to_endpoint(endpoint)])
        for association in stack.resources("aws_vpc_endpoint_route_table_association"):
            for endpoint_link in links.of(association, "vpc_endpoint_id", ("aws_vpc_endpoint",)):
                known_endpoint = links.find(endpoint_link.key)
                if known_endpoint is not None:
                    for link in links.of(association, "route_table_id", TABLES):
                        self._add(link, [self._to_endpoint(known_endpoint)])
        for propagation in stack.resources("aws_vpn_gateway_route_propagation"):
            for link in links.of(propagation, "route_table_id", TABLES):
                self._add(link, [_propagated(propagation)])

    def routes(self, table: str, vpc: str) -> tuple[Route, ...]:
        """The routes of a table in a VPC, each for the addresses that no more specific one takes."""
        if (table, vpc) not in self._effective:
            self._effective[table, vpc] = condensed(self._won(table, vpc))
        return self._effective[table, vpc]

    def _won(self, table: str, vpc: str) -> Iterator[Route]:
        own = self._addressing.vpc(vpc)
        written = (*self._written.get(table, ()), *self._written.get("", ()))
        routes = [Route(own, Via.LOCAL, vpc, Hop(ROUTE, table)), *written]
        made_here = table == f"{vpc} ({TABLE})" and self._links.is_inside(vpc)
        if not self._links.is_inside(table) and not made_here:
            unknown = (Doubt(table, "", "its routes are not in this stack"),) if table else ()
            routes.append(Route(EVERYWHERE - own, Via.UNKNOWN, "", Hop(ROUTE, table), unknown))
        certain = [route.destinations for route in routes if table and not route.doubts]
        for route in routes:
            left = route.destinations - own if route.somewhere and route.via is Via.ELSEWHERE else route.destinations
            for other in certain if not route.somewhere else ():
                # blocks are nested or apart: the inner one is the more specific
                if other != route.destinations and route.destinations.covers(other):
                    left -= other
            if left or route.service:
                yield replace(route, destinations=left)

    def _add(self, link: Link, routes: Iterable[Route]) -> None:
        self._written[link.key] += (replace(route, doubts=both(route.doubts, link.doubts)) for route in routes)

    def _add_inline(self, table: Resource, gone: set[tuple[object, ...]]) -> None:
        for path, values in known_blocks(table, "route"):
            if (known(table.get("id")), *_block(values)) not in gone:
                self._add(Link(table.address), self._read(table, f"{path}.", "cidr_block", "ipv6_cidr_block"))
        for unsure in hidden_blocks(table, "route"):
            self._add(
                Link(table.address),
                [Route(EVERYWHERE, Via.UNKNOWN, "", hop(ROUTE, table, "route"), (unsure,), somewhere=True)],
            )
        value = table.get("propagating_vgws")
        if value is not None and not is_unset(table, "propagating_vgws"):
            self._add(Link(table.address), [_propagated(table)])

    def _note_mixture(self, key: str, route: Resource) -> None:
        table = self._links.find(key)
        if table is not None and any(known_blocks(table, "route")) and table.change.action is Action.CREATE:
            self.notes[key] = f"has routes inline and by {route.address}: each apply takes away what the other wrote"

    def _read(self, resource: Resource, prefix: str, v4: str, v6: str) -> Iterator[Route]:
        place = hop(ROUTE, resource, prefix.rstrip("."))
        destinations: list[tuple[Ranges, str, Doubts]] = []
        for path in (f"{prefix}{v4}", f"{prefix}{v6}"):
            value: Value = resource.get(path)
            if value is not None and not (isinstance(value, str) and not len(value)):
                ranges, _, doubts = self._addressing.cidr(resource, path, value)
                destinations.append((ranges, "", doubts))
        entries = self._prefix_lists.named(resource, f"{prefix}destination_prefix_list_id")
        destinations += ((entry.ranges, entry.service, entry.doubts) for entry in entries)
        for via, key, unsure in self._targets(resource, prefix):
            for ranges, service, doubts in destinations:
                yield Route(ranges, via, key, place, both(doubts, unsure), service, somewhere=bool(doubts))

    def _targets(self, resource: Resource, prefix: str) -> list[tuple[Via, str, Doubts]]:
        found: list[tuple[Via, str, Doubts]] = []
        for name, (types, usual) in _TARGETS.items():
            for link in self._links.of(resource, f"{prefix}{name}", types):
                target = self._links.find(link.key)
                kind = target.type if target else link.key.partition("-")[0]
                via = Via.LOCAL if link.key == "local" else _KINDS.get(kind, usual)
                doubts = link.doubts
                if via in _NOT_MODELLED and not link.doubts:
                    doubts = (Doubt(link.key, "", f"what lies behind {name} is not modelled"),)
                    return [(via, link.key, doubts)]
                if not doubts:
                    # a route has one target
                    return [(via, link.key, ())]
                found.append((via, link.key, doubts))
        unsure = Doubt(resource.address, prefix.rstrip("."), "where the route leads is not known")
        return found or [(Via.UNKNOWN, "", (unsure,))]

    @staticmethod
    def _to_endpoint(endpoint: Resource) -> Route:
        name = text(endpoint, "service_name", endpoint.address)
        return Route(NOWHERE, Via.ENDPOINT, endpoint.address, hop("VPC endpoint", endpoint), service=name)


def condensed(routes: Iterable[Route]) -> tuple[Route, ...]:
    """The routes with one in place of all doubtful ones for the same addresses to the same kind of target."""
    found: dict[object, Route] = {}
    for route in routes:
        what = (route.destinations, route.via, route.service)
        alike = found.get(what) if route.doubts else None
        if alike is None:
            found[what if route.doubts else (*what, route.key)] = route
        elif alike.key != route.key:
            found[what] = replace(min(alike, route, key=lambda r: len(r.doubts)), key="")
    return tuple(found.values())


def _propagated(resource: Resource) -> Route:
    unsure = Doubt(resource.address, "", "what a VPN gateway propagates is not modelled")
    return Route(EVERYWHERE, Via.ELSEWHERE, resource.address, hop(ROUTE, resource), (unsure,), somewhere=True)


def _destination(values: Mapping[str, object]) -> tuple[object, ...]:
    names = ("destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id")
    return (known(values.get("route_table_id")), *(known(values.get(name)) or "" for name in names))


def _block(values: Mapping[str, object]) -> tuple[object, ...]:
    names = ("cidr_block", "ipv6_cidr_block", "destination_prefix_list_id")
    return tuple(known(values.get(name)) or "" for name in names)
