"""The network: two zones, a public and a private subnet in each, and nothing open that need not be."""

from collections import Counter
from ipaddress import IPv4Network
from itertools import combinations

import pytest

from stackproof import Resource, Stack
from stackproof.analysis.wiring import consumers

from . import written
from .policies import DOCUMENT, allowed_actions, grant

ANYWHERE = "0.0.0.0/0"


def subnets(stack: Stack, kind: str) -> tuple[Resource, ...]:
    return stack.resources("aws_subnet", name=kind, module="vpc")


def table_of(stack: Stack, subnet: Resource) -> Resource:
    """The route table that a subnet is associated with."""
    links = stack.resources("aws_route_table_association")
    tables = [link.wired("route_table_id") for link in links if link.wired("subnet_id").is_exactly(subnet)]
    assert len(tables) == 1, f"{subnet.address} ({subnet.place}) has {len(tables)} route tables: {tables}"
    assert len(tables[0].addresses) == 1, f"{subnet.address} ({subnet.place}): its route table is {tables[0]}"
    return stack[tables[0].addresses[0]]


def route_of(stack: Stack, subnet: Resource) -> Resource:
    """The one route by which a subnet reaches more than its VPC."""
    table = table_of(stack, subnet)
    routes = [route for route in stack.resources("aws_route") if route.wired("route_table_id").is_exactly(table)]
    assert len(routes) == 1, f"{table.address} ({table.place}) has {len(routes)} routes: {routes}"
    return routes[0]


@pytest.mark.requirement("NET-1")
def test_stack_has_a_vpc_of_its_own(stack: Stack) -> None:
    assert len(stack.resources("aws_vpc")) == 1


@pytest.mark.requirement("NET-1")
def test_whatever_a_vpc_holds_is_in_that_vpc(resolved: Stack) -> None:
    held = [resource for resource in resolved.resources() if "vpc_id" in resource.arguments]
    assert {"aws_subnet", "aws_security_group"} <= {resource.type for resource in held}
    for resource in held:
        assert resource.wired("vpc_id").is_exactly(resolved.resource("aws_vpc"))


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
def test_public_subnets_reach_the_internet_through_the_internet_gateway(resolved: Stack) -> None:
    for subnet in subnets(resolved, "public"):
        route = route_of(resolved, subnet)
        assert route["destination_cidr_block"] == ANYWHERE
        assert route.wired("gateway_id").is_exactly(resolved.resource("aws_internet_gateway"))


@pytest.mark.requirement("NET-5")
@pytest.mark.environment("prod")
def test_prod_has_a_nat_gateway_in_every_zone(resolved: Stack) -> None:
    for subnet in subnets(resolved, "public"):
        gateway = resolved.resource("aws_nat_gateway", index=subnet["availability_zone"])
        assert gateway.wired("subnet_id").is_exactly(subnet)


@pytest.mark.requirement("NET-6")
@pytest.mark.environment("dev", "staging")
def test_dev_and_staging_share_one_nat_gateway(resolved: Stack) -> None:
    for route in resolved.resources("aws_route", name="nat"):
        assert route.wired("nat_gateway_id").is_exactly(resolved.resource("aws_nat_gateway"))


@pytest.mark.requirement("NET-7")
def test_every_private_subnet_reaches_out_through_nat_only(resolved: Stack) -> None:
    for subnet in subnets(resolved, "private"):
        route = route_of(resolved, subnet)
        assert route["destination_cidr_block"] == ANYWHERE
        assert route.wired("nat_gateway_id").is_only(resolved.resources("aws_nat_gateway"))
        assert not {"gateway_id", "network_interface_id", "transit_gateway_id"} & set(route.arguments)


@pytest.mark.requirement("NET-7")
def test_nat_gateways_stand_in_public_subnets(resolved: Stack) -> None:
    for gateway in resolved.resources("aws_nat_gateway"):
        assert gateway.wired("subnet_id").is_only(subnets(resolved, "public"))


@pytest.mark.requirement("NET-8")
def test_public_subnets_share_a_route_table_and_each_private_one_has_its_own(resolved: Stack) -> None:
    public = {table_of(resolved, subnet).address for subnet in subnets(resolved, "public")}
    private = {table_of(resolved, subnet).address for subnet in subnets(resolved, "private")}
    assert (len(public), len(private)) == (1, 2)
    assert not public & private
    assert len(resolved.resources("aws_route_table")) == 3


@pytest.mark.requirement("NET-9")
def test_default_security_group_is_taken_over_without_a_rule(resolved: Stack) -> None:
    group = resolved.resource("aws_default_security_group")
    assert not {"ingress", "egress"} & set(group.arguments)
    assert not consumers(resolved, group)


@pytest.mark.requirement("NET-9")
@pytest.mark.until_apply
def test_default_security_group_lets_nothing_in_or_out(stack: Stack) -> None:
    group = stack.resource("aws_default_security_group")
    assert not group["ingress"]
    assert not group["egress"]


@pytest.mark.requirement("NET-10")
def test_flow_logs_record_all_traffic_of_the_vpc(resolved: Stack) -> None:
    log = resolved.resource("aws_flow_log")
    assert log["traffic_type"] == "ALL"
    assert log.wired("vpc_id").is_exactly(resolved.resource("aws_vpc"))


@pytest.mark.requirement("NET-11")
def test_no_security_group_has_inline_rules(resolved: Stack) -> None:
    assert resolved.resources("aws_security_group")
    for group in resolved.resources("aws_security_group"):
        assert not {"ingress", "egress"} & set(group.arguments), group.place


@pytest.mark.requirement("NET-11")
def test_no_rules_are_attached_in_the_old_way(stack: Stack) -> None:
    assert not stack.resources("aws_security_group_rule")


@pytest.mark.requirement("NET-12")
def test_module_hands_out_vpc_subnets_and_security_group() -> None:
    outputs = {"vpc_id", "public_subnet_ids", "private_subnet_ids", "default_security_group_id"}
    assert outputs <= written.module("vpc").output_names


@pytest.mark.requirement("NET-13")
def test_flow_logs_go_to_their_log_group_with_their_role(resolved: Stack) -> None:
    log = resolved.resource("aws_flow_log")
    assert log["log_destination_type"] == "cloud-watch-logs"
    assert log.wired("log_destination").is_exactly(resolved.resource("aws_cloudwatch_log_group", name="flow_logs"))
    assert log.wired("iam_role_arn").is_exactly(resolved.resource("aws_iam_role", name="flow_logs"))


@pytest.mark.requirement("NET-13")
def test_nothing_but_flow_logs_and_their_policy_uses_that_log_group(resolved: Stack) -> None:
    uses = consumers(resolved, resolved.resource("aws_cloudwatch_log_group", name="flow_logs"))
    assert {use.address for use in uses} == {
        resolved.resource("aws_flow_log").address,
        resolved.resource("aws_iam_role_policy", name="flow_logs").address,
        resolved.data_source(DOCUMENT, name="flow_logs").address,
    }


@pytest.mark.requirement("NET-14")
@pytest.mark.environment("prod")
def test_prod_sends_each_zone_through_the_nat_gateway_in_it(resolved: Stack) -> None:
    for subnet in subnets(resolved, "private"):
        route = route_of(resolved, subnet)
        gateway = resolved.resource("aws_nat_gateway", index=subnet["availability_zone"])
        assert route.wired("nat_gateway_id").is_exactly(gateway)


@pytest.mark.requirement("NET-15")
def test_every_nat_gateway_has_an_address_of_its_own(resolved: Stack) -> None:
    for gateway in resolved.resources("aws_nat_gateway"):
        address = resolved.resource("aws_eip", index=gateway.index)
        assert gateway.wired("allocation_id").is_exactly(address)
        assert {use.address for use in consumers(resolved, address)} == {gateway.address}


@pytest.mark.requirement("NET-16")
def test_s3_endpoint_is_in_the_route_table_of_every_private_subnet_and_no_other(resolved: Stack) -> None:
    endpoint = resolved.resource("aws_vpc_endpoint")
    tables = [table_of(resolved, subnet) for subnet in subnets(resolved, "private")]
    assert endpoint["service_name"].endswith(".s3")
    assert endpoint.wired("route_table_ids").is_exactly(tables)
    assert len(endpoint["route_table_ids"]) == len(tables)


@pytest.mark.requirement("NET-17")
def test_s3_endpoint_lets_through_image_layers_only(resolved: Stack) -> None:
    region = resolved.data_source("aws_region", module="vpc")["id"]
    document = resolved.data_source(DOCUMENT, name="s3_endpoint")
    reading = grant(document, "s3:GetObject")
    assert allowed_actions(document) == {"s3:GetObject"}
    assert reading["resources"] == [f"arn:aws:s3:::prod-{region}-starport-layer-bucket/*"]
    assert resolved.resource("aws_vpc_endpoint").document("policy") == document.document("json")
