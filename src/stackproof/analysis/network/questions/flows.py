"""What may leave a resource and where to, and what its filters let in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from stackproof.analysis.network.answers.answer import Egresses, Ingresses
from stackproof.analysis.network.answers.findings import INTERNET_NAME, Egress, Ingress
from stackproof.analysis.network.answers.merging import settled
from stackproof.analysis.network.fabric.fabric import Fabric
from stackproof.analysis.network.fabric.gateways import translated
from stackproof.analysis.network.fabric.routes import Route, Via
from stackproof.analysis.network.fabric.subnets import Subnet
from stackproof.analysis.network.facts.doubts import Doubt, Doubts, both
from stackproof.analysis.network.facts.hops import Hop, hop
from stackproof.analysis.network.facts.links import VPCS
from stackproof.analysis.network.facts.passages import Passage, through
from stackproof.analysis.network.interfaces.interface import Interface
from stackproof.analysis.network.interfaces.inventory import Inventory
from stackproof.analysis.network.questions.reach import Reach
from stackproof.analysis.network.space.internet import shown
from stackproof.analysis.network.space.ranges import ALL_V4, ALL_V6, EVERYWHERE, NOWHERE, Ranges
from stackproof.analysis.network.space.traffic import NO_TRAFFIC, Traffic


class FlowQuestion:
    """Answers what may leave and enter."""

    def __init__(self, fabric: Fabric, inventory: Inventory, reach: Reach) -> None:
        self._fabric = fabric
        self._inventory = inventory
        self._reach = reach

    def egress(self, owner: str) -> Egresses:
        """Everything that may leave a resource."""
        found = settled([e for interface in self._inventory.of(owner) for e in self._leaving(interface)])
        return Egresses([e for e in found if not e.doubts], [e for e in found if e.doubts])

    def ingress(self, owner: str) -> Ingresses:
        """Everything that may enter a resource."""
        found = settled([i for interface in self._inventory.of(owner) for i in self._entering(interface)])
        return Ingresses([i for i in found if not i.doubts], [i for i in found if i.doubts])

    def _leaving(self, interface: Interface) -> Iterator[Egress]:
        for subnet, unsure in self._reach.standings(interface):
            allowed = list(self._reach.by_address(interface, inbound=False))
            border = self._fabric.subnets.filters(subnet, inbound=False)
            routes = self._fabric.subnets.routes(subnet)
            nearer = {route.service for route in routes if route.via is Via.ENDPOINT and not route.doubts}
            for route in routes:
                for way in self._through(route, allowed, border, nearer):
                    for peers, kind, peer, via, further in self._ends(interface, subnet, route, way):
                        for part in self._reach.answered(further, subnet, peers or EVERYWHERE, inbound=False):
                            yield Egress(
                                part.traffic,
                                part.hops,
                                both(unsure, part.doubts),
                                address=interface.owner,
                                kind=kind,
                                peer=peer,
                                ranges=shown(peers, self._internet) if kind == INTERNET_NAME else peers.blocks,
                                via=via,
                                peers=peers,
                            )
            for peer, traffic, hops, doubts in self._groups(interface, subnet, inbound=False):
                yield Egress(
                    traffic,
                    hops,
                    both(unsure, doubts),
                    address=interface.owner,
                    kind="group",
                    peer=peer,
                    group=tuple(self._inventory.members(peer)),
                )

    def _entering(self, interface: Interface) -> Iterator[Ingress]:
        if not interface.accepts:
            return
        for subnet, unsure in self._reach.standings(interface):
            border = self._fabric.subnets.filters(subnet, inbound=True)
            for way in through(border, self._reach.by_address(interface, inbound=True), interface.listens):
                public = self._reach.is_internet(way)
                ranges = way.peers.blocks
                yield Ingress(
                    way.traffic,
                    way.hops,
                    both(unsure, way.doubts),
                    address=interface.owner,
                    kind=INTERNET_NAME if public else "addresses",
                    peer=INTERNET_NAME if public else ", ".join(ranges),
                    ranges=(*ranges, *way.services),
                    peers=way.peers,
                )
            for peer, traffic, hops, doubts in self._groups(interface, subnet, inbound=True):
                yield Ingress(
                    traffic,
                    hops,
                    both(unsure, doubts),
                    address=interface.owner,
                    kind="group",
                    peer=peer,
                    group=tuple(self._inventory.members(peer)),
                )

    @property
    def _internet(self) -> Ranges:
        return self._fabric.addressing.internet

    @staticmethod
    def _through(
        route: Route, allowed: Sequence[Passage], border: Sequence[Passage], nearer: Collection[str]
    ) -> Iterator[Passage]:
        """The ways over a route, without services that a gateway endpoint takes."""
        services = (route.service,) if route.service else ()
        there = Passage(peers=route.destinations, hops=(route.hop,), doubts=route.doubts, services=services)
        for way in through(allowed, border, [there]):
            left = tuple(name for name in way.services if route.via is Via.ENDPOINT or name not in nearer)
            yield replace(way, services=left)

    def _ends(
        self, interface: Interface, subnet: Subnet, route: Route, way: Passage
    ) -> Iterator[tuple[Ranges, str, str, str, Passage]]:
        """Where a way over a route ends: addresses, kind, the other side, the gateway, and the whole way."""
        gateway = self._fabric.links.find(route.key)
        beyond = replace(way, hops=(*way.hops, hop(str(route.via), gateway))) if gateway else way
        if route.via is Via.LOCAL:
            if way.peers:
                yield way.peers, "VPC", route.key or "the VPC", "", way
        elif route.via is Via.ENDPOINT:
            for service in way.services:
                yield NOWHERE, "service", service, route.key, way
        elif route.via is Via.PEERING:
            yield way.peers, "peered VPC", self._peer(route, subnet), route.key, beyond
        elif route.via is Via.INTERNET_GATEWAY:
            for family, everything in ((way.peers & ALL_V4, ALL_V4), (way.peers & ALL_V6, ALL_V6)):
                public = interface.public(subnet, v6=everything is ALL_V6)
                if family & self._internet and public.possible:
                    yield family, INTERNET_NAME, INTERNET_NAME, route.key, _with(beyond, public.doubts)
            public = interface.public(subnet, v6=False)
            for service in way.services if public.possible else ():
                yield NOWHERE, "service", service, route.key, _with(beyond, public.doubts)
        elif route.via is Via.EGRESS_ONLY:
            own = interface.in_v6(subnet)
            if way.peers.v6 and own.possible:
                yield Ranges(v6=way.peers.v6), INTERNET_NAME, INTERNET_NAME, route.key, _with(beyond, own.doubts)
        elif route.via is Via.NAT_GATEWAY:
            for further in through([way], translated(self._fabric, route, subnet, interface.addresses(subnet))):
                if further.peers & self._internet:
                    yield further.peers, INTERNET_NAME, INTERNET_NAME, route.key, further
                for service in further.services:
                    yield NOWHERE, "service", service, route.key, further
        else:
            yield way.peers, "not modelled", route.key or "somewhere unknown", route.key, beyond

    def _peer(self, route: Route, subnet: Subnet) -> str:
        peering = self._fabric.links.find(route.key)
        paths = ("vpc_id", "peer_vpc_id") if peering else ()
        ends = [self._fabric.links.one(peering, path, VPCS).key for path in paths] if peering else []
        return next((end for end in ends if end and end != subnet.vpc), route.key or "a peered VPC")

    def _groups(
        self, interface: Interface, subnet: Subnet, *, inbound: bool
    ) -> Iterator[tuple[str, Traffic, tuple[Hop, ...], Doubts]]:
        """The groups that rules name, with what they and the subnet's ACL let pass to or from the VPC."""
        own = self._fabric.addressing.vpc(subnet.vpc)
        allowed, certain = NO_TRAFFIC, NO_TRAFFIC
        for passage in self._fabric.subnets.filters(subnet, inbound=inbound):
            if passage.peers & own:
                allowed |= passage.traffic
                certain |= passage.traffic if not passage.doubts else NO_TRAFFIC
        for link in interface.groups or ():
            for rule in self._fabric.groups.rules(link.key, inbound=inbound):
                traffic = rule.traffic & allowed
                for listening in interface.listens if inbound else (Passage(),):
                    part = traffic & listening.traffic
                    doubts = both(both(link.doubts, rule.doubts), listening.doubts)
                    if part - certain:
                        doubts = both(doubts, (Doubt(subnet.key, "", "its network ACL is not known"),))
                    if rule.group and part:
                        yield rule.group, part, (rule.hop,), doubts


def _with(way: Passage, doubts: Doubts) -> Passage:
    return replace(way, doubts=both(way.doubts, doubts))
