"""Who reaches whom: every filter on the way from one interface to another, and from the internet to one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from stackproof.analysis.network.fabric.acls import replies
from stackproof.analysis.network.fabric.fabric import Fabric
from stackproof.analysis.network.fabric.routes import Route, Via
from stackproof.analysis.network.fabric.subnets import Subnet
from stackproof.analysis.network.facts.doubts import Doubt, Doubts, both
from stackproof.analysis.network.facts.hops import INTERNET_HOP, Hop, hop
from stackproof.analysis.network.facts.links import VPCS
from stackproof.analysis.network.facts.passages import OPEN, Passage, distinct, through, towards
from stackproof.analysis.network.interfaces.interface import Interface
from stackproof.analysis.network.space.ranges import EVERYWHERE, NOWHERE, Ranges
from stackproof.analysis.network.space.traffic import tcp

_TCP = tcp()
_PEERING = ("aws_vpc_peering_connection", "aws_vpc_peering_connection_accepter")


class Reach:
    """Ways through the fabric."""

    def __init__(self, fabric: Fabric) -> None:
        self._fabric = fabric
        self._admitted: dict[tuple[int, bool], tuple[Passage, ...]] = {}

    def standings(self, interface: Interface) -> Iterator[tuple[Subnet, Doubts]]:
        """The subnets that an interface stands in."""
        for link in interface.subnets:
            subnet = self._fabric.subnets.subnet(link.key)
            yield subnet, both(link.doubts, subnet.doubts)

    def by_address(self, interface: Interface, *, inbound: bool) -> tuple[Passage, ...]:
        """What the security groups of an interface let in or out, by the address of the other side."""
        key = (id(interface), inbound)
        if key not in self._admitted:
            self._admitted[key] = tuple(self._by_address(interface, inbound))
        return self._admitted[key]

    def from_internet(self, interface: Interface, listens: Iterable[Passage]) -> Iterator[Passage]:
        """The ways of the internet to an interface by a public address of its own; `peers` are who may come."""
        if not interface.accepts:
            return
        admitted = [way for way in through(self.by_address(interface, inbound=True), listens) if self.is_internet(way)]
        found: list[Passage] = []
        for subnet, unsure in self.standings(interface) if admitted else ():
            for everything in EVERYWHERE.families:
                public = interface.public(subnet, v6=bool(everything.v6))
                gates = distinct(self._gates(subnet, everything)) if public.possible else []
                outside = [Passage(peers=everything, hops=(INTERNET_HOP,), doubts=both(unsure, public.doubts))]
                here = self.border(subnet) if gates else ()
                for way in through(outside, gates, here, admitted):
                    if self.is_internet(way):
                        found += self.answered(way, subnet, way.peers or everything, inbound=True)
        yield from distinct(found)

    def home(self, interface: Interface) -> Ranges:
        """All addresses that an interface can have."""
        found = NOWHERE
        for subnet, _ in self.standings(interface):
            found |= interface.addresses(subnet)
        return found

    def border(self, subnet: Subnet) -> tuple[Passage, ...]:
        """What may come into a subnet from others."""
        return self._fabric.subnets.filters(subnet, inbound=True)

    def is_internet(self, way: Passage) -> bool:
        """Whether a way is for some part of the internet."""
        named = any("vpc-lattice" not in service for service in way.services)
        return bool(way.traffic) and (named or bool(way.peers & self._fabric.addressing.internet))

    def has_gate(self, subnet: Subnet) -> bool:
        """Whether packets from the internet can come into a subnet at all."""
        return any(self._gates(subnet, EVERYWHERE))

    def between(self, source: Interface, target: Interface, listens: Iterable[Passage]) -> tuple[Passage, ...]:
        """The ways from one interface to another inside VPCs, including peered ones."""
        if not target.accepts:
            return ()
        listening = list(listens)
        return tuple(
            distinct(
                replace(way, doubts=both(both(unsure, unsure_too), way.doubts))
                for here, unsure in self.standings(source)
                for there, unsure_too in self.standings(target)
                for way in self._across(source, here, target, there, listening)
            )
        )

    def admits(self, interface: Interface, other: Interface | None, at: Ranges, *, inbound: bool) -> Iterator[Passage]:
        """What the groups of an interface let in from, or out to, another one that has an address in `at`."""
        if interface.groups is None:
            yield from OPEN
            return
        unsure = Doubt((other or interface).owner, "", f"which address it gets in {at} is not known")
        yield from towards(self.by_address(interface, inbound=inbound), at, unsure)
        members = (other.groups or ()) if other else ()
        for link in interface.groups:
            for rule in self._fabric.groups.rules(link.key, inbound=inbound):
                for member in members if rule.group else ():
                    if member.key in (rule.group, ""):
                        doubts = both(both(link.doubts, member.doubts), rule.doubts)
                        yield Passage(rule.traffic, hops=(rule.hop,), doubts=doubts)

    def _by_address(self, interface: Interface, inbound: bool) -> Iterator[Passage]:
        if interface.groups is None:
            yield from OPEN
            return
        for link in interface.groups:
            for rule in self._fabric.groups.rules(link.key, inbound=inbound):
                if rule.ranges or rule.service:
                    services = (rule.service,) if rule.service else ()
                    yield Passage(rule.traffic, rule.ranges, (rule.hop,), both(link.doubts, rule.doubts), services)

    def _gates(self, subnet: Subnet, family: Ranges) -> Iterator[Passage]:
        edge = both(self._edges.get(subnet.vpc, ()), self._edges.get("", ()))
        for route in self._fabric.subnets.routes(subnet):
            reached = route.destinations & family & self._fabric.addressing.internet
            if route.via in (Via.INTERNET_GATEWAY, Via.UNKNOWN) and reached:
                gateway = self._gateway(route)
                doubts = both(route.doubts, edge)
                yield Passage(peers=route.destinations & family, hops=(*gateway, route.hop), doubts=doubts)

    def _gateway(self, route: Route) -> tuple[Hop, ...]:
        resource = self._fabric.links.find(route.key)
        if resource is not None:
            return (hop(str(route.via) if route.via is Via.INTERNET_GATEWAY else resource.type, resource),)
        return (Hop(str(route.via), route.key),) if route.key else ()

    def _across(
        self, source: Interface, here: Subnet, target: Interface, there: Subnet, listens: Sequence[Passage]
    ) -> Iterator[Passage]:
        six = both(source.in_v6(here).doubts, target.in_v6(there).doubts)
        both_six = source.in_v6(here).possible and target.in_v6(there).possible
        start, end = source.addresses(here), target.addresses(there)
        for at, to, doubts in (
            (Ranges(v4=start.v4), Ranges(v4=end.v4), ()),
            (Ranges(v6=start.v6), Ranges(v6=end.v6), six),
        ):
            if not at or not to or (at.v6 and not both_six):
                continue
            routes = (
                [Passage(doubts=doubts)] if here.key == there.key and here.key else self._routed(here, there, at, to)
            )
            border_out, border_in = self._borders(here, there, at, to)
            leaving = self.admits(source, target, to, inbound=False)
            entering = self.admits(target, source, at, inbound=True)
            for way in through(leaving, border_out, routes, border_in, entering, listens):
                if here.key == there.key and here.key:
                    yield way
                    continue
                for part in self.answered(way, there, at, inbound=True):
                    yield from self.answered(part, here, to, inbound=False)

    def _borders(
        self, here: Subnet, there: Subnet, at: Ranges, to: Ranges
    ) -> tuple[Iterable[Passage], Iterable[Passage]]:
        if here.key == there.key and here.key:
            # network ACLs see only what crosses the border of a subnet
            return OPEN, OPEN
        filters = self._fabric.subnets.filters
        out = towards(filters(here, inbound=False), to, Doubt(there.key, "", f"lets only part of {to} through"))
        into = towards(filters(there, inbound=True), at, Doubt(there.key, "", f"lets only part of {at} through"))
        return out, into

    def _routed(self, here: Subnet, there: Subnet, at: Ranges, to: Ranges) -> Iterator[Passage]:
        back = distinct(self._carried(there, here, at))
        for forth in distinct(self._carried(here, there, to)):
            for returning in back:
                hops = forth.hops if forth.hops == returning.hops else (*forth.hops, *returning.hops)
                yield Passage(hops=hops, doubts=both(forth.doubts, returning.doubts))

    def _carried(self, here: Subnet, there: Subnet, to: Ranges) -> Iterator[Passage]:
        unsure = Doubt(here.key, "", f"routes only part of {to} that way")
        for route in self._fabric.subnets.routes(here):
            common = route.destinations & to
            if not common:
                continue
            doubts = route.doubts if common == to else both(route.doubts, (unsure,))
            if route.via is Via.LOCAL:
                if not here.vpc or not there.vpc:
                    which = here.key if not here.vpc else there.key
                    yield Passage(doubts=both(doubts, (Doubt(which or "a subnet", "vpc_id"),)))
                elif here.vpc == there.vpc:
                    yield Passage(doubts=doubts)
            elif route.via is Via.PEERING:
                yield from self._peered(route, here, there, doubts)
            elif route.via in (Via.ELSEWHERE, Via.UNKNOWN):
                yield Passage(hops=(route.hop, *self._gateway(route)), doubts=doubts)

    def _peered(self, route: Route, here: Subnet, there: Subnet, doubts: Doubts) -> Iterator[Passage]:
        peering = self._fabric.links.find(route.key)
        if peering is None or peering.type != _PEERING[0]:
            unsure = Doubt(route.key or here.key, "", "which VPCs it connects is not in this stack")
            yield Passage(hops=(Hop(str(route.via), route.key),), doubts=both(doubts, (unsure,)))
            return
        ends = [self._fabric.links.one(peering, path, VPCS) for path in ("vpc_id", "peer_vpc_id")]
        unsure_ends = both(ends[0].doubts, ends[1].doubts)
        keys = [end.key for end in ends]
        if (here.vpc in keys and there.vpc in keys and here.vpc != there.vpc) or "" in keys:
            yield Passage(hops=(hop(str(route.via), peering),), doubts=both(doubts, unsure_ends))

    def answered(self, way: Passage, subnet: Subnet, peers: Ranges, *, inbound: bool) -> Iterator[Passage]:
        """The parts of a way over the border of a subnet whose replies pass, too: ACLs keep no connections."""
        back = self._fabric.subnets.filters(subnet, inbound=not inbound)
        doubts = () if back == OPEN else replies(back, peers)
        if doubts is not None and set(doubts) <= set(way.doubts):
            yield way
            return
        parts = [(way.traffic - _TCP, way.doubts)]
        if doubts is not None:
            parts.append((way.traffic & _TCP, both(way.doubts, doubts)))
        yield from (replace(way, traffic=traffic, doubts=unsure) for traffic, unsure in parts if traffic)

    @cached_property
    def _edges(self) -> dict[str, Doubts]:
        """VPCs whose gateways have a route table of their own, which can lead what comes in anywhere."""
        stack, links = self._fabric.stack, self._fabric.links
        found: dict[str, Doubts] = defaultdict(tuple)
        for association in stack.resources("aws_route_table_association"):
            for link in links.of(association, "gateway_id", ("aws_internet_gateway",)):
                gateway = links.find(link.key)
                vpc = links.one(gateway, "vpc_id", VPCS).key if gateway else ""
                found[vpc] += (Doubt(association.address, "gateway_id", "gateway route tables are not modelled"),)
        return dict(found)
