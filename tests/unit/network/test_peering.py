"""Peered VPCs: a route each way, and rules that name groups beyond."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from stackproof.analysis.network import Network, tcp
from stackproof.verdict import Undecided

from .conftest import Base
from .sketch import Handle


@dataclass(frozen=True)
class Pair:
    base: Base
    peering: Handle
    table: Handle
    client: Handle
    server: Handle
    client_group: Handle
    server_group: Handle

    def route(self, name: str, table: Handle, block: str) -> None:
        self.base.sketch.add(
            f"aws_route.{name}",
            route_table_id=table.id,
            destination_cidr_block=block,
            vpc_peering_connection_id=self.peering.id,
        )

    def join(self) -> None:
        self.route("there", self.base.private_table, "10.1.0.0/16")
        self.route("back", self.table, "10.0.0.0/16")

    def paths(self) -> object:
        return Network(self.base.sketch.stack()).paths(self.client.address, self.server.address)


@pytest.fixture
def pair(base: Base) -> Pair:
    sketch = base.sketch
    other = sketch.add("aws_vpc.other", cidr_block="10.1.0.0/16")
    subnet = sketch.add("aws_subnet.other", vpc_id=other.id, cidr_block="10.1.1.0/24")
    table = sketch.add("aws_route_table.other", vpc_id=other.id)
    sketch.add("aws_route_table_association.other", subnet_id=subnet.id, route_table_id=table.id)
    peering = sketch.add("aws_vpc_peering_connection.main", vpc_id=base.vpc.id, peer_vpc_id=other.id, auto_accept=True)
    client_group = base.group("client")
    server_group = sketch.add("aws_security_group.server", vpc_id=other.id)
    base.let_out(client_group, "out", cidr_ipv4="10.1.0.0/16")
    base.let_in(server_group, "in", referenced_security_group_id=client_group.id)
    client = base.instance("client", base.private, client_group)
    server = base.instance("server", subnet, server_group)
    return Pair(base, peering, table, client, server, client_group, server_group)


def test_routes_each_way_join_peered_vpcs(pair: Pair) -> None:
    pair.join()
    (path,) = Network(pair.base.sketch.stack()).paths(pair.client.address, pair.server.address)
    assert path.traffic == tcp(443)
    assert pair.peering.address in [hop.address for hop in path.hops]


@pytest.mark.parametrize("missing", ["there", "back"])
def test_a_route_one_way_is_not_enough(pair: Pair, missing: str) -> None:
    pair.join()
    del pair.base.sketch.resources[f"aws_route.{missing}"]
    assert not pair.paths()


def test_without_peering_vpcs_are_apart(pair: Pair) -> None:
    assert not pair.paths()


def test_vpcs_with_the_same_addresses_are_apart_all_the_same(pair: Pair) -> None:
    resources = pair.base.sketch.resources
    resources["aws_vpc.other"]["cidr_block"] = "10.0.0.0/16"
    resources["aws_subnet.other"]["cidr_block"] = "10.0.7.0/24"
    pair.base.let_out(pair.client_group, "same", cidr_ipv4="10.0.0.0/16")
    assert not pair.paths()


def test_peering_leads_to_the_peered_vpc_only(pair: Pair) -> None:
    pair.join()
    sketch = pair.base.sketch
    third = sketch.add("aws_vpc.third", cidr_block="10.1.0.0/16")
    sketch.resources[pair.peering.address]["peer_vpc_id"] = third.id
    assert not pair.paths()


def test_what_leaves_for_a_peered_vpc_is_told(pair: Pair) -> None:
    pair.join()
    egress = Network(pair.base.sketch.stack()).egress(pair.client.address)
    (flow,) = egress
    assert (flow.peer, flow.via, flow.ranges) == ("aws_vpc.other", pair.peering.address, ("10.1.0.0/16",))


def test_a_transit_gateway_between_them_leaves_it_undecided(pair: Pair) -> None:
    sketch = pair.base.sketch
    transit = sketch.add("aws_ec2_transit_gateway.main")
    for name, table, block in (("there", pair.base.private_table, "10.1.0.0/16"), ("back", pair.table, "10.0.0.0/8")):
        sketch.add(
            f"aws_route.{name}", route_table_id=table.id, destination_cidr_block=block, transit_gateway_id=transit.id
        )
    network = Network(sketch.stack())
    paths = network.paths(pair.client.address, pair.server.address)
    with pytest.raises(Undecided, match="aws_ec2_transit_gateway"):
        bool(paths)
    assert paths.within(tcp(443))
    assert [each.address for each in network.unmodelled] == [transit.address]
    with pytest.raises(Undecided, match="transit"):
        bool(network.egress(pair.client.address))


def test_a_transit_gateway_for_other_addresses_does_not_matter(pair: Pair) -> None:
    pair.join()
    sketch = pair.base.sketch
    transit = sketch.add("aws_ec2_transit_gateway.main")
    sketch.add(
        "aws_route.far",
        route_table_id=pair.base.private_table.id,
        destination_cidr_block="172.16.0.0/12",
        transit_gateway_id=transit.id,
    )
    assert Network(sketch.stack()).paths(pair.client.address, pair.server.address).only(tcp(443))
