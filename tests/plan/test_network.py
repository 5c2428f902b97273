"""The network: two zones, a public and a private subnet in each, and nothing open that need not be."""

from collections import Counter
from ipaddress import IPv4Network
from itertools import combinations

import pytest

from stackproof import Resource, Stack

from . import written

ANYWHERE = "0.0.0.0/0"


def subnets(stack: Stack, kind: str) -> tuple[Resource, ...]:
    return stack.resources("aws_subnet", name=kind, module="vpc")


@pytest.mark.requirement("NET-1")
def test_stack_has_a_vpc_of_its_own(stack: Stack) -> None:
    assert len(stack.resources("aws_vpc")) == 1


@pytest.mark.requirement("NET-1")
@pytest.mark.until_apply
def test_every_subnet_and_security_group_is_in_that_vpc(stack: Stack) -> None:
    vpc = stack.resource("aws_vpc")
    for resource in (*stack.resources("aws_subnet"), *stack.resources("aws_security_group")):
        assert resource["vpc_id"] == vpc["id"]


@pytest.mark.requirement("NET-2")
@pytest.mark.parametrize("kind", ["public", "private"])
def test_two_subnets_of_each_kind_span_two_zones(stack: Stack, kind: str) -> None:
    assert len(subnets(stack, kind)) == 2
    assert len({subnet["availability_zone"] for subnet in subnets(stack, kind)}) == 2


@pytest.mark.requirement("NET-2")
def test_there_are_no_subnets_but_these_four(stack: Stack) -> None:
    assert Counter(subnet.name for subnet in stack.resources("aws_subnet")) == {"public": 2, "private": 2}


@pytest.mark.requirement("NET-3")
def test_subnets_lie_inside_the_vpc_and_apart(stack: Stack) -> None:
    vpc = IPv4Network(stack.resource("aws_vpc")["cidr_block"])
    ranges = [IPv4Network(subnet["cidr_block"]) for subnet in stack.resources("aws_subnet")]
    assert all(part.subnet_of(vpc) for part in ranges)
    assert not any(one.overlaps(other) for one, other in combinations(ranges, 2))


@pytest.mark.requirement("NET-4")
def test_public_subnets_reach_the_internet_through_a_gateway(stack: Stack) -> None:
    route = stack.resource("aws_route", name="internet")
    assert route["destination_cidr_block"] == ANYWHERE
    assert route.get("gateway_id") is not None
    assert len(stack.resources("aws_internet_gateway")) == 1


@pytest.mark.requirement("NET-4")
@pytest.mark.until_apply
def test_that_gateway_is_the_internet_gateway(stack: Stack) -> None:
    gateway, route = stack.resource("aws_internet_gateway"), stack.resource("aws_route", name="internet")
    assert gateway["vpc_id"] == stack.resource("aws_vpc")["id"]
    assert route["gateway_id"] == gateway["id"]
    assert route["route_table_id"] == stack.resource("aws_route_table", name="public")["id"]


@pytest.mark.requirement("NET-5")
@pytest.mark.environment("prod")
def test_prod_has_a_nat_gateway_in_every_zone(stack: Stack) -> None:
    zones = {subnet["availability_zone"] for subnet in subnets(stack, "private")}
    assert {gateway.index for gateway in stack.resources("aws_nat_gateway")} == zones


@pytest.mark.requirement("NET-6")
@pytest.mark.environment("dev", "staging")
def test_dev_and_staging_share_one_nat_gateway(stack: Stack) -> None:
    assert len(stack.resources("aws_nat_gateway")) == 1


@pytest.mark.requirement("NET-7")
def test_every_private_subnet_reaches_out_through_nat_only(stack: Stack) -> None:
    routes = stack.resources("aws_route", name="nat")
    assert {route.index for route in routes} == {subnet.index for subnet in subnets(stack, "private")}
    for route in routes:
        assert route["destination_cidr_block"] == ANYWHERE
        assert route.get("nat_gateway_id") is not None
        assert not route.get("gateway_id")


@pytest.mark.requirement("NET-7")
@pytest.mark.until_apply
def test_nat_gateways_stand_in_public_subnets(stack: Stack) -> None:
    public = {subnet["id"] for subnet in subnets(stack, "public")}
    for gateway in stack.resources("aws_nat_gateway"):
        assert gateway["subnet_id"] in public


@pytest.mark.requirement("NET-7")
@pytest.mark.environment("prod")
@pytest.mark.until_apply
def test_prod_sends_each_zone_through_its_own_nat_gateway(stack: Stack) -> None:
    for route in stack.resources("aws_route", name="nat"):
        gateway = stack.resource("aws_nat_gateway", index=route.index)
        assert route["nat_gateway_id"] == gateway["id"]


@pytest.mark.requirement("NET-8")
def test_there_is_a_public_route_table_and_a_private_one_for_each_zone(stack: Stack) -> None:
    zones = {subnet.index for subnet in subnets(stack, "private")}
    assert len(stack.resources("aws_route_table", name="public")) == 1
    assert {table.index for table in stack.resources("aws_route_table", name="private")} == zones


@pytest.mark.requirement("NET-8")
def test_every_subnet_has_a_route_table(stack: Stack) -> None:
    associated = {(link.name, link.index) for link in stack.resources("aws_route_table_association")}
    assert associated == {(subnet.name, subnet.index) for subnet in stack.resources("aws_subnet")}


@pytest.mark.requirement("NET-8")
@pytest.mark.until_apply
def test_subnets_are_associated_with_tables_of_their_kind(stack: Stack) -> None:
    for link in stack.resources("aws_route_table_association"):
        subnet = stack.resource("aws_subnet", name=link.name, index=link.index)
        index = link.index if link.name == "private" else None
        table = stack.resource("aws_route_table", name=link.name, index=index)
        assert (link["subnet_id"], link["route_table_id"]) == (subnet["id"], table["id"])


@pytest.mark.requirement("NET-9")
def test_default_security_group_is_taken_over_without_a_rule() -> None:
    group = written.module("vpc").resource("aws_default_security_group")
    assert not group.blocks, written.place(group)
    assert not group.argument("ingress"), written.place(group)
    assert not group.argument("egress"), written.place(group)


@pytest.mark.requirement("NET-9")
@pytest.mark.until_apply
def test_default_security_group_lets_nothing_in_or_out(stack: Stack) -> None:
    group = stack.resource("aws_default_security_group")
    assert group["vpc_id"] == stack.resource("aws_vpc")["id"]
    assert not group["ingress"]
    assert not group["egress"]


@pytest.mark.requirement("NET-10")
def test_flow_logs_record_all_traffic(stack: Stack) -> None:
    log = stack.resource("aws_flow_log")
    assert log["traffic_type"] == "ALL"
    assert log.get("log_destination_type", "cloud-watch-logs") == "cloud-watch-logs"


@pytest.mark.requirement("NET-10")
@pytest.mark.until_apply
def test_flow_logs_record_the_whole_vpc(stack: Stack) -> None:
    log = stack.resource("aws_flow_log")
    assert log["vpc_id"] == stack.resource("aws_vpc")["id"]
    assert log["log_destination"] == stack.resource("aws_cloudwatch_log_group", module="vpc")["arn"]
    assert log["iam_role_arn"] == stack.resource("aws_iam_role", name="flow_logs")["arn"]


@pytest.mark.requirement("NET-11")
def test_no_security_group_has_inline_rules() -> None:
    groups = [
        block for module in written.every_module() for block in module.blocks if "aws_security_group" in block.labels
    ]
    assert groups
    assert not [
        written.place(group)
        for group in groups
        if group.blocks or group.argument("ingress") or group.argument("egress")
    ]


@pytest.mark.requirement("NET-11")
def test_no_rules_are_attached_in_the_old_way(stack: Stack) -> None:
    assert not stack.resources("aws_security_group_rule")


@pytest.mark.requirement("NET-12")
def test_module_hands_out_vpc_subnets_and_security_group() -> None:
    outputs = {"vpc_id", "public_subnet_ids", "private_subnet_ids", "default_security_group_id"}
    assert outputs <= written.module("vpc").output_names
