"""NAT gateways: the way of what has no public address to the internet.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.analysis.network.fabric.fabric import Fabric
from stackproof.analysis.network.fabric.routes import Route, Via
from stackproof.analysis.network.fabric.standing import standing
from stackproof.analysis.network.fabric.subnets import Subnet
from stackproof.analysis.network.facts.doubts import Doubt, both
from stackproof.analysis.network.facts.hops import Hop, hop
from stackproof.analysis.network.facts.passages import Passage, through, towards
from stackproof.analysis.network.facts.reading import text
from stackproof.analysis.network.space.ranges import ALL_V4, Ranges


def translated(fabric: Fabric, route: Route, source: Subnet, at: Ranges) -> Iterator[Passage]:
    """The ways to the internet from addresses in a subnet, over the NAT gateway that a route leads to."""
    gateway = fabric.links.find(route.key)
    if gateway is None:
        unsure = Doubt(route.key or source.key, "", "that NAT gateway is not in this stack")
        yield Passage(peers=ALL_V4, hops=(Hop(str(route.via), route.key),), doubts=(unsure,))
        return
    here = Passage(hops=(hop(str(route.via), gateway),))
    if text(gateway, "connectivity_type", "public") != "public":
        unsure = Doubt(gateway.address, "", "where a private NAT gateway leads to is not modelled")
        yield Passage(peers=ALL_V4, hops=here.hops, doubts=(unsure,))
        return
    for link in standing(fabric, gateway, "subnet_id"):
        subnet = fabric.subnets.subnet(link.key)
        unsure = Doubt(subnet.key, "", f"lets only part of {at} through")
        entering = towards(fabric.subnets.filters(subnet, inbound=True), at, unsure)
        leaving = fabric.subnets.filters(subnet, inbound=False)
        for way in through([here], entering, list(_outward(fabric, subnet)), leaving):
            yield Passage(way.traffic, way.peers, way.hops, both(both(link.doubts, subnet.doubts), way.doubts))


def _outward(fabric: Fabric, subnet: Subnet) -> Iterator[Passage]:
    for route in fabric.subnets.routes(subnet):
        if route.via in (Via.INTERNET_GATEWAY, Via.UNKNOWN) and route.destinations.v4:
            target = fabric.links.find(route.key)
            hops = (route.hop, hop(str(route.via), target)) if target else (route.hop,)
            yield Passage(peers=Ranges(v4=route.destinations.v4), hops=hops, doubts=route.doubts)
