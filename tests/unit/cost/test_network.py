from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Costs
from .plans import LATER, Ref

Cost = Callable[..., Costs]

BALANCER: dict[str, Any] = {
    "load_balancer_type": "application",
    "internal": False,
    "subnet_mapping": [],
    "subnets": ["subnet-1", "subnet-2"],
}
TRAFFIC = '[[assume]]\nof = "aws_lb"\nrequests = 9_000_000\nkb_per_request = {size}'


def test_a_balancer_has_an_hourly_price_and_an_address_in_each_subnet(costs: Cost) -> None:
    found = costs({"aws_lb.this": BALANCER}, TRAFFIC.format(size=1))
    assert found.quantity("application load balancer") == (730, 730)
    assert found.quantity("public IPv4 addresses") == (2 * 730, 2 * 730)


def test_capacity_units_are_the_most_of_connections_and_bytes(costs: Cost) -> None:
    small = costs({"aws_lb.this": BALANCER}, TRAFFIC.format(size=1))
    assert small.quantity("capacity units")[0] == 9_000_000 / (25 * 3600)
    large = costs({"aws_lb.this": BALANCER}, TRAFFIC.format(size=1024))
    assert large.quantity("capacity units")[0] == pytest.approx(9_000_000 / 1024)
    assert large.quantity("data to the internet")[0] == pytest.approx(9_000_000 / 1024)


def test_an_internal_balancer_has_no_public_side(costs: Cost) -> None:
    found = costs({"aws_lb.this": {**BALANCER, "internal": True}}, TRAFFIC.format(size=1))
    assert found.parts == ["application load balancer", "capacity units"]


def test_references_to_subnets_bound_their_number(costs: Cost) -> None:
    subnets = {f"aws_subnet.{zone}": {"cidr_block": "10.0.0.0/24"} for zone in "abc"}
    one = {**BALANCER, "subnets": Ref("aws_subnet.a.id")}
    assert costs({**subnets, "aws_lb.this": one}, TRAFFIC.format(size=1)).quantity("public IPv4 addresses")[0] == 730
    three = {**BALANCER, "subnets": [Ref(f"{address}.id") for address in subnets]}
    found = costs({**subnets, "aws_lb.this": three}, TRAFFIC.format(size=1))
    assert found.quantity("public IPv4 addresses") == (730, 3 * 730)


def test_unknown_subnets_are_between_one_and_the_most_zones_of_a_region(costs: Cost) -> None:
    found = costs({"aws_lb.this": {**BALANCER, "subnets": LATER}}, TRAFFIC.format(size=1))
    assert found.quantity("public IPv4 addresses") == (730, 6 * 730)


def test_elastic_addresses_of_a_balancer_are_not_charged_twice(costs: Cost) -> None:
    mapped = [{"subnet_id": "subnet-1", "allocation_id": "eipalloc-1"}, {"subnet_id": "subnet-2"}]
    network = {**BALANCER, "load_balancer_type": "network", "subnet_mapping": mapped, "subnets": []}
    found = costs({"aws_lb.this": network}, TRAFFIC.format(size=1))
    assert found.quantity("public IPv4 addresses")[0] == 730
    assert found.key("capacity units") == "nlb.lcu"


def test_traffic_without_an_assumption_is_named(costs: Cost) -> None:
    found = costs({"aws_lb.this": BALANCER})
    assert found.gaps == ["no assumption: requests", "no assumption: kb_per_request"]
    assert found.parts == ["application load balancer", "public IPv4 addresses"]


def test_nat_gateways_are_charged_for_hours_and_bytes_each(costs: Cost) -> None:
    usage = '[[assume]]\nof = "aws_nat_gateway"\ngb_processed = 10\ngb_sent = 2'
    found = costs({"aws_nat_gateway.this[0]": {"connectivity_type": "public"}, "aws_eip.this[0]": {}}, usage)
    assert found.quantity("NAT gateway") == (730, 730)
    assert found.quantity("data processed") == (10, 10)
    assert found.quantity("data to the internet") == (2, 2)
    assert found.quantity("public IPv4 address") == (730, 730)


def test_gateway_endpoints_are_free_and_interfaces_are_not(costs: Cost) -> None:
    assert not costs({"aws_vpc_endpoint.s3": {"vpc_endpoint_type": "Gateway"}}).parts
    assert not costs({"aws_vpc_endpoint.s3": {"vpc_endpoint_type": None}}).parts
    interface = {"vpc_endpoint_type": "Interface", "subnet_ids": ["subnet-1", "subnet-2"]}
    usage = '[[assume]]\nof = "aws_vpc_endpoint"\ngb_processed = 1'
    assert costs({"aws_vpc_endpoint.logs": interface}, usage).quantity("Interface endpoint") == (2 * 730, 2 * 730)


def test_rules_of_a_firewall_are_counted(costs: Cost) -> None:
    usage = '[[assume]]\nof = "aws_wafv2_web_acl"\nrequests = 2_000_000'
    found = costs({"aws_wafv2_web_acl.this": {"rule": [{"name": "a"}, {"name": "b"}]}}, usage)
    assert [found.quantity(part)[0] for part in ("web ACL", "rules", "requests")] == [1, 2, 2]
