"""Routes that a killed apply has made without its state knowing: AWS refuses to make them again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from stackproof.deployment.orphans import lost_routes, remove
from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount

REGION = "us-east-1"
EVERYWHERE = "0.0.0.0/0"


@pytest.fixture(scope="module")
def clients() -> Iterator[Clients]:
    with EmulatedAccount(region=REGION) as account:
        yield Clients(account)


@pytest.fixture
def table(clients: Clients) -> str:
    """A route table with a route to the internet."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    made: str = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=made, DestinationCidrBlock=EVERYWHERE, GatewayId=gateway)
    return made


def made(table: str) -> Call:
    parameters = {"RouteTableId": table, "DestinationCidrBlock": EVERYWHERE}
    return Call("ec2", "CreateRoute", status=200, parameters=parameters)


def state(*resources: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"resources": [{"type": kind, "instances": [{"attributes": one}]} for kind, one in resources]}


def test_a_route_that_the_state_does_not_know_is_named_with_its_table_and_removed(clients: Clients, table: str) -> None:
    known = state(("aws_route_table", {"id": table, "route": []}))
    (lost,) = found = lost_routes([made(table)], known, clients, region=REGION)
    told = str(lost)
    assert told.startswith(f"ec2 Route of RouteTableId {table} {EVERYWHERE}, made by ec2:CreateRoute; remove it with:")
    command = f"aws ec2 delete-route --route-table-id {table} --destination-cidr-block {EVERYWHERE} --region {REGION}"
    assert command in " ".join(told.split())
    assert remove(found, clients, account_id="123456789012", region=REGION) == ()
    assert lost_routes([made(table)], known, clients, region=REGION) == ()


@pytest.mark.parametrize("written", ["by itself", "in its table"])
def test_a_route_that_the_state_knows_is_left_alone(clients: Clients, table: str, written: str) -> None:
    inline = [{"cidr_block": EVERYWHERE, "ipv6_cidr_block": ""}] if written == "in its table" else []
    own = (
        "aws_route",
        {"route_table_id": table, "destination_cidr_block": EVERYWHERE, "destination_prefix_list_id": ""},
    )
    known = state(("aws_route_table", {"id": table, "route": inline}), *([] if inline else [own]))
    assert lost_routes([made(table)], known, clients, region=REGION) == ()


def test_a_route_in_an_orphaned_table_goes_with_that(clients: Clients, table: str) -> None:
    assert lost_routes([made(table)], state(), clients, region=REGION) == ()


def test_a_route_that_no_recorded_call_made_is_somebody_elses(clients: Clients, table: str) -> None:
    assert lost_routes([], state(("aws_route_table", {"id": table})), clients, region=REGION) == ()


def test_a_route_that_aws_refused_to_make_is_somebody_elses(clients: Clients, table: str) -> None:
    refused = replace(made(table), status=400, error="RouteAlreadyExists")
    assert lost_routes([refused], state(("aws_route_table", {"id": table})), clients, region=REGION) == ()
