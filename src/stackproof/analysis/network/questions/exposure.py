"""What the internet reaches: by itself, through load balancers, and what it would reach but for one thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from stackproof.analysis.network.answers.answer import Exposures
from stackproof.analysis.network.answers.findings import Exposure, Kind
from stackproof.analysis.network.answers.merging import by_rule, merged, settled
from stackproof.analysis.network.fabric.fabric import Fabric
from stackproof.analysis.network.facts.hops import Hop, hop
from stackproof.analysis.network.facts.passages import Passage, through
from stackproof.analysis.network.interfaces.interface import Interface
from stackproof.analysis.network.interfaces.inventory import Inventory
from stackproof.analysis.network.questions.forwarding import Forwarding
from stackproof.analysis.network.questions.reach import Reach
from stackproof.analysis.network.space.internet import shown
from stackproof.analysis.network.space.ranges import ALL_V4, ALL_V6
from stackproof.analysis.network.space.traffic import Traffic

NO_ADDRESS = "it has no public address"
NO_GATE = "no subnet of it has a route to an internet gateway"
NO_PASSAGE = "network ACLs keep the internet out"
UNATTACHED = "nothing in this stack is in that group"


class ExposureQuestion:
    """Answers what the internet reaches."""

    def __init__(self, fabric: Fabric, inventory: Inventory, reach: Reach, forwarding: Forwarding) -> None:
        self._fabric = fabric
        self._inventory = inventory
        self._reach = reach
        self._forwarding = forwarding

    def answer(
        self, owners: Iterable[str], front_doors: Iterable[Exposure] = (), unattached: Iterable[Exposure] = ()
    ) -> Exposures:
        """The exposures of some resources, beside those of what is not modelled and of groups without members."""
        direct: list[Exposure] = list(front_doors)
        latent: list[Exposure] = []
        for owner in owners:
            found = [e for interface in self._inventory.of(owner) for e in self._direct(interface)]
            direct += settled(found)
            if not found:
                latent += settled([e for interface in self._inventory.of(owner) for e in self._latent(interface)])
        latent += unattached
        return Exposures(
            *_split(direct), forwarded=Exposures(*_split(self._forwarded())), latent=Exposures(*_split(latent))
        )

    def unattached(self) -> list[Exposure]:
        """What the rules of groups without members would let in."""
        found: list[Exposure] = []
        for key in self._fabric.groups.keys:
            if not self._inventory.members(key):
                ways = [
                    Passage(rule.traffic, rule.ranges, (rule.hop,), rule.doubts, (rule.service,) * bool(rule.service))
                    for rule in self._fabric.groups.rules(key, inbound=True)
                ]
                here = Hop("security group", key)
                found += self._latent_of(key, here, filter(self._reach.is_internet, ways), UNATTACHED)
        return found

    def _direct(self, interface: Interface) -> Iterator[Exposure]:
        end = hop(interface.kind, interface.resource)
        ways = list(self._reach.from_internet(interface, interface.listens))
        for traffic, peers, services, hops, doubts in merged(ways):
            yield self._exposure(
                interface.owner, Kind.DIRECT, Passage(traffic, peers, (*hops, end), doubts, services), traffic
            )

    def _forwarded(self) -> list[Exposure]:
        found: list[Exposure] = []
        for owner in self._inventory.owners:
            if self._forwarding.is_balancer(owner):
                for balancer in self._inventory.of(owner):
                    entering = by_rule(list(self._reach.from_internet(balancer, [Passage()])))
                    for arrival in self._forwarding.onward(balancer, entering, None):
                        end = hop(arrival.interface.kind, arrival.interface.resource)
                        whole = replace(arrival.entered, hops=(*arrival.entered.hops, end))
                        if self._reach.is_internet(whole):
                            exposure = self._exposure(arrival.interface.owner, Kind.FORWARDED, whole, arrival.arrives)
                            found.append(replace(exposure, through=arrival.balancers))
        return settled(found)

    def _latent(self, interface: Interface) -> Iterator[Exposure]:
        if interface.groups is None or not interface.accepts:
            return
        ways = through(self._reach.by_address(interface, inbound=True), interface.listens)
        end = hop(interface.kind, interface.resource)
        barred = self._bar(interface)
        yield from self._latent_of(interface.owner, end, filter(self._reach.is_internet, ways), barred)

    def _latent_of(self, address: str, end: Hop, ways: Iterable[Passage], barred: str) -> Iterator[Exposure]:
        for traffic, peers, services, hops, doubts in merged(list(ways)):
            way = Passage(traffic, peers, (*hops, end), doubts, services)
            yield replace(self._exposure(address, Kind.LATENT, way, traffic), barred=barred)

    def _bar(self, interface: Interface) -> str:
        subnets = [subnet for subnet, _ in self._reach.standings(interface)]
        if not any(interface.public(subnet, v6=v6).possible for subnet in subnets for v6 in (False, True)):
            return NO_ADDRESS
        return NO_PASSAGE if any(map(self._reach.has_gate, subnets)) else NO_GATE

    def _exposure(self, address: str, kind: Kind, way: Passage, arrives: Traffic) -> Exposure:
        internet = self._fabric.addressing.internet
        public = way.peers & internet
        everywhere = any(
            bool(everything & internet) and way.peers.covers(everything & internet) for everything in (ALL_V4, ALL_V6)
        )
        sources = (*(shown(way.peers, internet) if public else ()), *way.services)
        return Exposure(
            way.traffic,
            way.hops,
            way.doubts,
            address=address,
            kind=kind,
            sources=sources,
            from_everywhere=everywhere,
            arrives=arrives,
            peers=public,
        )


def _split(found: Sequence[Exposure]) -> tuple[list[Exposure], list[Exposure]]:
    return [e for e in found if not e.doubts], [e for e in found if e.doubts]
