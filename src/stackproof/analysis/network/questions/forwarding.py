"""What load balancers hand on, and to whom it gets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from stackproof.analysis.network.facts.doubts import Doubt, both
from stackproof.analysis.network.facts.hops import Hop, hop
from stackproof.analysis.network.facts.passages import Passage, through, towards
from stackproof.analysis.network.interfaces.balancers import Balancers, Forward
from stackproof.analysis.network.interfaces.interface import Interface
from stackproof.analysis.network.interfaces.inventory import Inventory
from stackproof.analysis.network.interfaces.targets import Target
from stackproof.analysis.network.questions.reach import Reach
from stackproof.analysis.network.space.ranges import NOWHERE, Ranges
from stackproof.analysis.network.space.traffic import Traffic


@dataclass(frozen=True)
class Arrival:
    """Traffic that entered somewhere, and what of it arrives at an interface, over which load balancers."""

    interface: Interface
    entered: Passage
    arrives: Traffic
    balancers: tuple[str, ...] = ()


class Forwarding:
    """Follows traffic through load balancers."""

    def __init__(self, inventory: Inventory, reach: Reach, balancers: Balancers) -> None:
        self._inventory = inventory
        self._reach = reach
        self._balancers = balancers

    def is_balancer(self, key: str) -> bool:
        """Whether something forwards."""
        return self._balancers.is_balancer(key)

    def sent(self, balancer: Interface, target: Interface) -> Iterator[Passage]:
        """What a load balancer sends to an interface: requests on the registered ports, and health checks."""
        for forward in self._balancers.forwards(balancer.owner):
            if forward.group is None:
                continue
            for registered in forward.group.targets:
                if registered.owner == target.owner:
                    listens = [Passage(registered.traffic | forward.group.health, doubts=registered.doubts)]
                    for way in self._reach.between(balancer, target, listens):
                        yield replace(way, doubts=both(way.doubts, forward.received.doubts))

    def onward(
        self,
        balancer: Interface,
        entering: Sequence[Passage],
        client: Interface | None,
        seen: tuple[str, ...] = (),
    ) -> Iterator[Arrival]:
        """Where traffic goes that enters a load balancer, from a client or, without one, from the internet."""
        seen = (*seen, balancer.owner)
        here = hop(balancer.kind, balancer.resource)
        for forward in self._balancers.forwards(balancer.owner):
            if forward.group is None:
                continue
            for entered in through(entering, [replace(forward.received, hops=(here, *forward.received.hops))]):
                for target in forward.group.targets:
                    for interface in self._inventory.of(target.owner):
                        yield from self._delivered(balancer, forward, target, interface, entered, client, seen)

    def _delivered(
        self,
        balancer: Interface,
        forward: Forward,
        target: Target,
        interface: Interface,
        entered: Passage,
        client: Interface | None,
        seen: tuple[str, ...],
    ) -> Iterator[Arrival]:
        group_hops: tuple[Hop, ...] = forward.group.hops if forward.group else ()
        for way in self._ways(balancer, forward, target, interface, entered, client):
            whole = replace(
                entered,
                peers=entered.peers & way.peers,
                services=way.services,
                hops=(*entered.hops, *group_hops, target.hop, *way.hops),
                doubts=both(both(entered.doubts, target.doubts), way.doubts),
            )
            yield Arrival(interface, whole, way.traffic, seen)
            if self.is_balancer(interface.owner) and interface.owner not in seen:
                for further in self.onward(interface, [replace(whole, traffic=way.traffic)], client, seen):
                    yield replace(further, entered=replace(further.entered, traffic=whole.traffic))

    def _ways(
        self,
        balancer: Interface,
        forward: Forward,
        target: Target,
        interface: Interface,
        entered: Passage,
        client: Interface | None,
    ) -> Iterator[Passage]:
        preserves = self._balancers.preserves(balancer.owner, forward)
        registered = [Passage(target.traffic)]
        # targets with IPv4 addresses see clients with IPv6 addresses as the load balancer
        always = preserves.possible and not preserves.doubts
        unseen = entered.peers if not always else Ranges(v6=entered.peers.v6 if client is None else ())
        if unseen or (entered.services and not always):
            for way in self._reach.between(balancer, interface, registered):
                services = () if always else entered.services
                yield replace(way, peers=unseen, services=services, doubts=both(way.doubts, preserves.doubts))
        if preserves.possible:
            clients = replace(entered, peers=Ranges(v4=entered.peers.v4), hops=(), doubts=preserves.doubts)
            yield from self._seeing(balancer, interface, clients, client, registered)

    def _seeing(
        self,
        balancer: Interface,
        interface: Interface,
        clients: Passage,
        client: Interface | None,
        registered: list[Passage],
    ) -> Iterator[Passage]:
        """The ways to a target that sees the client's address where the load balancer's would be."""
        anybody = [replace(clients, traffic=registered[0].traffic)]
        for subnet, unsure in self._reach.standings(interface):
            leaving = list(self._reach.admits(balancer, interface, interface.addresses(subnet), inbound=False))
            border: Sequence[Passage] = self._reach.border(subnet)
            entering = list(self._reach.by_address(interface, inbound=True))
            if client is not None:
                at = Ranges(v4=self._reach.home(client).v4)
                which = Doubt(client.owner, "", f"which address it gets in {at} is not known")
                border, entering = list(towards(border, at, which)), list(towards(entering, at, which))
            # a rule that names the load balancer's group means its clients, too
            named = list(self._reach.admits(interface, balancer, NOWHERE, inbound=True))
            for way in through(leaving, border, [*entering, *named], anybody):
                if way.peers or way.services:
                    yield replace(way, doubts=both(unsure, way.doubts))
