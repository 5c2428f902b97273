"""Groups, tables and ACLs that exist show what is in them now, and a plan may take some of it away."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.analysis.network import Network, tcp
from stackproof.plan import Plan

GROUP: dict[str, Any] = {"id": "sg-1", "vpc_id": "vpc-1", "egress": []}
SHOWN = {
    "protocol": "tcp",
    "from_port": 22,
    "to_port": 22,
    "ipv6_cidr_blocks": [],
    "prefix_list_ids": [],
    "security_groups": [],
    "self": False,
}


def entry(address: str, after: dict[str, Any] | None, before: dict[str, Any] | None) -> dict[str, Any]:
    actions = {(True, True): ["update"], (True, False): ["create"], (False, True): ["delete"]}
    action = ["no-op"] if after == before else actions[after is not None, before is not None]
    type_, name = address.split(".")
    change = {"actions": action, "before": before, "after": after, "after_unknown": {}}
    return {"address": address, "mode": "managed", "type": type_, "name": name, "change": change}


def plan(*entries: dict[str, Any]) -> Network:
    still: list[tuple[str, dict[str, Any]]] = [
        ("aws_vpc.main", {"id": "vpc-1", "cidr_block": "10.0.0.0/16", "main_route_table_id": "rtb-1"}),
        ("aws_internet_gateway.main", {"id": "igw-1", "vpc_id": "vpc-1"}),
        ("aws_subnet.main", {"id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24"}),
        (
            "aws_instance.web",
            {
                "id": "i-1",
                "subnet_id": "subnet-1",
                "vpc_security_group_ids": ["sg-1"],
                "associate_public_ip_address": True,
            },
        ),
    ]
    changes = [*(entry(address, values, values) for address, values in still), *entries]
    return Network(Plan({"format_version": "1.2", "resource_changes": changes}, environment="test"))


def route(after: dict[str, Any] | None) -> dict[str, Any]:
    known = {"route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}
    return entry("aws_route.internet", after if after is None else known, known)


def group(*blocks: str) -> dict[str, Any]:
    after = {**GROUP, "ingress": [{**SHOWN, "cidr_blocks": list(blocks)}]}
    return entry("aws_security_group.web", after, after)


def rule(before: str | None, after: str | None) -> dict[str, Any]:
    common = {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22}
    return entry(
        "aws_vpc_security_group_ingress_rule.ssh",
        None if after is None else {**common, "cidr_ipv4": after},
        None if before is None else {**common, "cidr_ipv4": before},
    )


def test_a_rule_that_stays_is_told_once() -> None:
    (exposure,) = plan(route({}), group("0.0.0.0/0"), rule("0.0.0.0/0", "0.0.0.0/0")).reachable_from_internet()
    assert exposure.traffic == tcp(22)


def test_a_rule_that_is_narrowed_counts_as_it_will_be() -> None:
    network = plan(route({}), group("0.0.0.0/0"), rule("0.0.0.0/0", "10.0.0.0/8"))
    assert not network.reachable_from_internet()


def test_a_rule_that_is_deleted_does_not_count() -> None:
    assert not plan(route({}), group("0.0.0.0/0"), rule("0.0.0.0/0", None)).reachable_from_internet()


def test_what_nothing_of_it_accounts_for_stays() -> None:
    network = plan(route({}), group("0.0.0.0/0", "9.9.9.9/32"), rule("0.0.0.0/0", "10.0.0.0/8"))
    (exposure,) = network.reachable_from_internet()
    assert exposure.sources == ("9.9.9.9/32",)


def test_a_rule_of_the_older_kind_that_is_deleted_does_not_count() -> None:
    before = {
        "security_group_id": "sg-1",
        "type": "ingress",
        "protocol": "tcp",
        "from_port": 22,
        "to_port": 22,
        "cidr_blocks": ["0.0.0.0/0"],
    }
    old = entry("aws_security_group_rule.ssh", None, before)
    assert not plan(route({}), group("0.0.0.0/0"), old).reachable_from_internet()
    other = entry("aws_security_group_rule.ssh", None, {**before, "security_group_id": "sg-2"})
    assert plan(route({}), group("0.0.0.0/0"), other).reachable_from_internet()


@pytest.mark.parametrize("kept", [True, False])
def test_a_route_that_is_deleted_does_not_count(kept: bool) -> None:
    shown = {"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "ipv6_cidr_block": "", "destination_prefix_list_id": ""}
    values = {"id": "rtb-1", "default_route_table_id": "rtb-1", "vpc_id": "vpc-1", "route": [shown]}
    table = entry("aws_default_route_table.main", values, values)
    network = plan(route({} if kept else None), table, group("0.0.0.0/0"))
    assert bool(network.reachable_from_internet()) == kept


@pytest.mark.parametrize("kept", [True, False])
def test_an_acl_rule_that_is_deleted_does_not_count(kept: bool) -> None:
    everything = {"action": "allow", "protocol": "-1", "cidr_block": "0.0.0.0/0", "from_port": 0, "to_port": 0}
    values = {
        "id": "acl-1",
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1"],
        "ingress": [{**everything, "rule_no": 7}],
        "egress": [{**everything, "rule_no": 8}],
    }
    acl = entry("aws_network_acl.main", values, values)
    before = {
        "network_acl_id": "acl-1",
        "egress": False,
        "rule_number": 7,
        "rule_action": "allow",
        "protocol": "-1",
        "cidr_block": "0.0.0.0/0",
    }
    ingress = entry("aws_network_acl_rule.in", before if kept else None, before)
    network = plan(route({}), acl, ingress, group("0.0.0.0/0"))
    assert bool(network.reachable_from_internet()) == kept
