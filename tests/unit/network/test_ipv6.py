"""IPv6: another family with its own rules, routes and gateways."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.analysis.network import INTERNET_NAME, Network, tcp
from stackproof.verdict import Undecided

from .conftest import Base
from .sketch import Handle


@pytest.fixture
def dual(base: Base) -> Handle:
    """A subnet with both families, in which instances get an IPv6 address."""
    base.sketch.resources[base.vpc.address]["assign_generated_ipv6_cidr_block"] = True
    subnet = base.sketch.add(
        "aws_subnet.dual",
        vpc_id=base.vpc.id,
        cidr_block="10.0.6.0/24",
        ipv6_cidr_block=base.vpc["ipv6_cidr_block"],
        assign_ipv6_address_on_creation=True,
    )
    table = base.sketch.add("aws_route_table.dual", vpc_id=base.vpc.id)
    base.sketch.add("aws_route_table_association.dual", subnet_id=subnet.id, route_table_id=table.id)
    return subnet


def lead(base: Base, **target: Any) -> None:
    base.sketch.add(
        "aws_route.six",
        route_table_id=Handle("aws_route_table.dual").id,
        destination_ipv6_cidr_block="::/0",
        **target,
    )


def web(base: Base, subnet: Handle, **peer: Any) -> Network:
    group = base.group("web")
    base.let_in(group, "six", **peer)
    base.let_out(group, "six", **peer)
    base.instance("web", subnet, group)
    return Network(base.sketch.stack())


def test_an_ipv6_rule_exposes_without_a_public_ipv4_address(base: Base, dual: Handle) -> None:
    lead(base, gateway_id=base.gateway.id)
    network = web(base, dual, cidr_ipv6="::/0")
    (exposure,) = network.reachable_from_internet()
    assert (exposure.sources, exposure.from_everywhere) == (("::/0",), True)
    assert network.paths("aws_instance.web", INTERNET_NAME).only(tcp(443))


def test_an_ipv4_rule_does_not_let_ipv6_in(base: Base, dual: Handle) -> None:
    lead(base, gateway_id=base.gateway.id)
    assert not web(base, dual, cidr_ipv4="0.0.0.0/0").reachable_from_internet()


def test_an_ipv4_route_does_not_carry_ipv6(base: Base, dual: Handle) -> None:
    base.sketch.add(
        "aws_route.four",
        route_table_id=Handle("aws_route_table.dual").id,
        destination_cidr_block="0.0.0.0/0",
        gateway_id=base.gateway.id,
    )
    assert not web(base, dual, cidr_ipv6="::/0").reachable_from_internet()


def test_an_egress_only_gateway_leads_out_and_not_in(base: Base, dual: Handle) -> None:
    gateway = base.sketch.add("aws_egress_only_internet_gateway.main", vpc_id=base.vpc.id)
    lead(base, egress_only_gateway_id=gateway.id)
    network = web(base, dual, cidr_ipv6="::/0")
    assert not network.reachable_from_internet()
    (flow,) = network.egress("aws_instance.web").of(INTERNET_NAME)
    assert (flow.via, flow.ranges) == (gateway.address, ("::/0",))


def test_without_an_ipv6_address_nothing_is_reached(base: Base, dual: Handle) -> None:
    base.sketch.resources[dual.address]["assign_ipv6_address_on_creation"] = False
    lead(base, gateway_id=base.gateway.id)
    assert not web(base, dual, cidr_ipv6="::/0").reachable_from_internet()


def test_without_an_ipv6_address_nothing_leaves(base: Base, dual: Handle) -> None:
    base.sketch.resources[dual.address]["assign_ipv6_address_on_creation"] = False
    gateway = base.sketch.add("aws_egress_only_internet_gateway.main", vpc_id=base.vpc.id)
    lead(base, egress_only_gateway_id=gateway.id)
    answer = web(base, dual, cidr_ipv6="::/0")
    assert not answer.egress("aws_instance.web").of(INTERNET_NAME)
    assert not answer.paths("aws_instance.web", "aws_instance.web")


def test_an_instance_can_have_its_own_ipv6_address(base: Base, dual: Handle) -> None:
    base.sketch.resources[dual.address]["assign_ipv6_address_on_creation"] = False
    lead(base, gateway_id=base.gateway.id)
    web(base, dual, cidr_ipv6="::/0")
    base.sketch.resources["aws_instance.web"]["ipv6_address_count"] = 1
    assert Network(base.sketch.stack()).reachable_from_internet().only({"aws_instance.web": tcp(443)})


@pytest.mark.parametrize(
    ("kind", "four", "six"),
    [("ipv4", True, False), ("dualstack", True, True), ("dualstack-without-public-ipv4", False, True)],
)
def test_a_load_balancer_has_addresses_of_its_type(base: Base, dual: Handle, kind: str, four: bool, six: bool) -> None:
    lead(base, gateway_id=base.gateway.id)
    base.sketch.add(
        "aws_route.four",
        route_table_id=Handle("aws_route_table.dual").id,
        destination_cidr_block="0.0.0.0/0",
        gateway_id=base.gateway.id,
    )
    group = base.group("balancer")
    base.let_in(group, "four", ports=(4, 4), cidr_ipv4="0.0.0.0/0")
    base.let_in(group, "six", ports=(6, 6), cidr_ipv6="::/0")
    balancer = base.sketch.add("aws_lb.main", subnets=[dual.id], security_groups=[group.id], ip_address_type=kind)
    for port in (4, 6):
        base.sketch.add(
            f"aws_lb_listener.p{port}",
            load_balancer_arn=balancer.arn,
            port=port,
            protocol="HTTP",
            default_action=[{"type": "redirect"}],
        )
    exposures = Network(base.sketch.stack()).reachable_from_internet()
    assert [bool(exposures.on(tcp(4))), bool(exposures.on(tcp(6)))] == [four, six]
    base.sketch.hide(balancer, "ip_address_type")
    exposures = Network(base.sketch.stack()).reachable_from_internet()
    with pytest.raises(Undecided, match="ip_address_type"):
        bool(exposures.on(tcp(6)))


def test_the_vpcs_own_range_is_no_part_of_the_internet(base: Base, dual: Handle) -> None:
    lead(base, gateway_id=base.gateway.id)
    network = web(base, dual, cidr_ipv6=base.vpc["ipv6_cidr_block"])
    assert not network.reachable_from_internet()
    base.instance("other", dual, Handle("aws_security_group.web"))
    network = Network(base.sketch.stack())
    assert network.paths("aws_instance.other", "aws_instance.web").only(tcp(443))
