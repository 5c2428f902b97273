"""Which subnets are public, by whatever route table applies to them."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.analysis.network import INTERNET_NAME, Network, tcp

from .conftest import Base
from .sketch import Handle


@pytest.fixture
def open_group(base: Base) -> Handle:
    group = base.group("open")
    base.let_in(group, "open", cidr_ipv4="0.0.0.0/0")
    base.let_out(group, "open", cidr_ipv4="0.0.0.0/0")
    return group


def network(base: Base) -> Network:
    return Network(base.sketch.stack())


def internet_route(base: Base, table: Any, name: str = "more", **target: Any) -> None:
    base.sketch.add(
        f"aws_route.{name}",
        route_table_id=table,
        destination_cidr_block="0.0.0.0/0",
        **(target or {"gateway_id": base.gateway.id}),
    )


def test_the_private_subnet_is_not_reached_even_at_a_public_address(base: Base, open_group: Handle) -> None:
    base.instance("public", base.public, open_group, public=True)
    base.instance("private", base.private, open_group, public=True)
    exposures = network(base).reachable_from_internet()
    assert exposures.only({"aws_instance.public": tcp(443)})
    (latent,) = exposures.latent
    assert latent.address == "aws_instance.private"
    assert latent.barred == "no subnet of it has a route to an internet gateway"


def test_an_internet_gateway_route_makes_it_public(base: Base, open_group: Handle) -> None:
    base.instance("private", base.private, open_group, public=True)
    internet_route(base, base.private_table.id)
    assert network(base).reachable_from_internet().only({"aws_instance.private": tcp(443)})


def test_a_route_written_inline_counts(base: Base, open_group: Handle) -> None:
    subnet = base.sketch.add("aws_subnet.inline", vpc_id=base.vpc.id, cidr_block="10.0.3.0/24")
    table = base.sketch.add(
        "aws_route_table.inline",
        vpc_id=base.vpc.id,
        route=[{"cidr_block": "0.0.0.0/0", "gateway_id": base.gateway.id}],
    )
    base.sketch.add("aws_route_table_association.inline", subnet_id=subnet.id, route_table_id=table.id)
    base.instance("inline", subnet, open_group, public=True)
    assert network(base).reachable_from_internet().only({"aws_instance.inline": tcp(443)})


@pytest.fixture
def unassociated(base: Base, open_group: Handle) -> Handle:
    subnet = base.sketch.add("aws_subnet.plain", vpc_id=base.vpc.id, cidr_block="10.0.4.0/24")
    base.instance("plain", subnet, open_group, public=True)
    return subnet


def test_the_implicit_main_table_knows_the_vpc_only(base: Base, unassociated: Handle) -> None:
    assert unassociated
    assert not network(base).reachable_from_internet()
    assert network(base).egress("aws_instance.plain").only({base.vpc.address: tcp(443)})


def test_a_main_table_association_makes_another_table_the_main_one(base: Base, unassociated: Handle) -> None:
    assert unassociated
    base.sketch.add("aws_main_route_table_association.main", vpc_id=base.vpc.id, route_table_id=base.public_table.id)
    assert network(base).reachable_from_internet().only({"aws_instance.plain": tcp(443)})


def test_the_default_table_that_is_taken_over_is_the_main_one(base: Base, unassociated: Handle) -> None:
    assert unassociated
    base.sketch.add(
        "aws_default_route_table.main",
        default_route_table_id=base.vpc["default_route_table_id"],
        route=[{"cidr_block": "0.0.0.0/0", "gateway_id": base.gateway.id}],
    )
    assert network(base).reachable_from_internet().only({"aws_instance.plain": tcp(443)})


@pytest.mark.parametrize("attribute", ["main_route_table_id", "default_route_table_id"])
def test_a_route_can_be_added_to_the_implicit_main_table(base: Base, unassociated: Handle, attribute: str) -> None:
    assert unassociated
    internet_route(base, base.vpc[attribute])
    assert network(base).reachable_from_internet().only({"aws_instance.plain": tcp(443)})


def test_an_association_wins_over_the_main_table(base: Base, open_group: Handle) -> None:
    base.instance("private", base.private, open_group, public=True)
    internet_route(base, base.vpc["main_route_table_id"])
    assert not network(base).reachable_from_internet()


def test_a_more_specific_route_takes_its_addresses_away(base: Base, open_group: Handle) -> None:
    base.instance("public", base.public, open_group, public=True)
    nat = base.sketch.add("aws_nat_gateway.main", subnet_id=base.public.id, connectivity_type="public")
    base.sketch.add(
        "aws_route.half",
        route_table_id=base.public_table.id,
        destination_cidr_block="0.0.0.0/1",
        nat_gateway_id=nat.id,
    )
    (exposure,) = network(base).reachable_from_internet()
    assert not exposure.from_everywhere
    assert "8.0.0.0/5" not in exposure.sources
    assert "192.0.1.0/24" in exposure.sources


def test_the_subnet_gives_public_addresses_where_the_instance_leaves_it_to_it(base: Base, open_group: Handle) -> None:
    base.sketch.resources[base.public.address]["map_public_ip_on_launch"] = True
    base.sketch.add("aws_instance.left", subnet_id=base.public.id, vpc_security_group_ids=[open_group.id])
    base.instance("refused", base.public, open_group, public=False)
    assert network(base).reachable_from_internet().only({"aws_instance.left": tcp(443)})


def test_nat_leads_out_and_not_in(base: Base, open_group: Handle) -> None:
    base.instance("private", base.private, open_group)
    nat = base.sketch.add("aws_nat_gateway.main", subnet_id=base.public.id, connectivity_type="public")
    internet_route(base, base.private_table.id, nat_gateway_id=nat.id)
    answer = network(base)
    assert not answer.reachable_from_internet()
    (path,) = answer.paths("aws_instance.private", INTERNET_NAME)
    assert nat.address in [hop.address for hop in path.hops]
    assert base.gateway.address in [hop.address for hop in path.hops]


def test_a_nat_gateway_in_a_private_subnet_leads_nowhere(base: Base, open_group: Handle) -> None:
    base.instance("private", base.private, open_group)
    nat = base.sketch.add("aws_nat_gateway.main", subnet_id=base.private.id, connectivity_type="public")
    internet_route(base, base.private_table.id, nat_gateway_id=nat.id)
    assert not network(base).paths("aws_instance.private", INTERNET_NAME)


def test_without_a_public_address_the_internet_gateway_leads_nowhere(base: Base, open_group: Handle) -> None:
    base.instance("public", base.public, open_group)
    assert not network(base).paths("aws_instance.public", INTERNET_NAME)
    base.sketch.add("aws_eip.public", instance=Handle("aws_instance.public").id)
    assert network(base).paths("aws_instance.public", INTERNET_NAME).only(tcp(443))
    assert network(base).reachable_from_internet().only({"aws_instance.public": tcp(443)})


def test_routes_inline_and_apart_are_noted_as_a_conflict(base: Base) -> None:
    table = base.sketch.add(
        "aws_route_table.mixed",
        vpc_id=base.vpc.id,
        route=[{"cidr_block": "0.0.0.0/0", "gateway_id": base.gateway.id}],
    )
    internet_route(base, table.id, name="mixed")
    notes = network(base).notes
    if base.sketch.form == "planned":
        assert [note.address for note in notes] == [table.address]
    else:
        assert not notes
