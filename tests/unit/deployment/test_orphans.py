"""What a run has made without its state knowing is told from what it knows, and removed even while others hold it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stackproof.deployment import orphans as orphans_module
from stackproof.deployment.orphans import orphans, remove
from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.leaks import Item, Leak, Leaks, find_leaks
from stackproof.sandbox.leaks.census import Census
from stackproof.sandbox.leaks.kinds import Kind
from stackproof.sandbox.leaks.removal import Removal
from stackproof.sandbox.proxy.proxy import Proxy
from stackproof.sandbox.proxy.recording import Recording

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

PLACE = {"account_id": "123456789012", "region": "us-east-1"}
CALL = Call("sqs", "CreateQueue", "us-east-1", 200)


def leak(service: str, action: str, listing: str, identity: str, *, arn: str = "", call: Call | None = CALL) -> Leak:
    return Leak(Item(Kind(service, action, listing), identity, arn), call)


def state(*attributes: dict[str, Any]) -> dict[str, Any]:
    return {"resources": [{"type": "aws_thing", "instances": [{"attributes": one} for one in attributes]}]}


def found(leak: Leak, known: dict[str, Any]) -> bool:
    return orphans(Leaks((leak,)), known, **PLACE) == (leak,)


ROLE = leak("iam", "CreateRole", "ListRoles", "one", arn="arn:aws:iam::123456789012:role/one")
VPC = leak("ec2", "CreateVpc", "DescribeVpcs", "vpc-1")
ADDRESS = leak("ec2", "AllocateAddress", "DescribeAddresses", "eipalloc-1")
TABLE = leak("dynamodb", "CreateTable", "ListTables", "one")
ALIAS = leak("kms", "CreateAlias", "ListAliases", "alias/one")


@pytest.mark.parametrize("leak", [ROLE, VPC, ADDRESS, TABLE, ALIAS], ids=lambda leak: leak.item.kind.noun)
def test_what_no_resource_stands_for_is_an_orphan(leak: Leak) -> None:
    assert found(leak, {})
    assert found(leak, state({"id": "other", "arn": "arn:aws:other"}, {}, {"id": None, "arn": 7, "name": ["x"]}))


@pytest.mark.parametrize(
    ("leak", "attributes"),
    [
        (ROLE, {"arn": "arn:aws:iam::123456789012:role/one", "id": "one"}),
        (ROLE, {"id": "one"}),
        (VPC, {"arn": "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1", "id": "vpc-1"}),
        (VPC, {"arn": "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1"}),
        (ADDRESS, {"arn": "arn:aws:ec2:us-east-1:123456789012:elastic-ip/eipalloc-1"}),
        (TABLE, {"arn": "arn:aws:dynamodb:us-east-1:123456789012:table/one"}),
        (ALIAS, {"name": "alias/one"}),
    ],
)
def test_what_a_resource_stands_for_is_none(leak: Leak, attributes: dict[str, Any]) -> None:
    assert not found(leak, state(attributes))


def test_a_name_alone_tells_nothing_where_there_is_an_arn() -> None:
    assert found(ROLE, state({"name": "one", "id": "sg-1", "arn": "arn:aws:ec2:us-east-1:123456789012:x/one"}))


def test_what_no_call_of_the_run_made_is_none() -> None:
    assert not found(Leak(ROLE.item, None), {})


def test_what_is_a_part_of_something_else_is_none() -> None:
    within = Kind("iam", "PutRolePolicy", "ListRolePolicies", "DeleteRolePolicy", (("RoleName", "one"),))
    assert not found(Leak(Item(within, "policy"), CALL), {})


def test_orphans_come_in_the_order_in_which_they_can_be_removed() -> None:
    assert orphans(Leaks((VPC, ROLE, TABLE)), state({"id": "one", "arn": ROLE.item.arn}), **PLACE) == (VPC,)
    assert orphans(Leaks((TABLE, VPC)), {}, **PLACE) == (TABLE, VPC)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans_module, "PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr(orphans_module, "_ASK_AGAIN_SECONDS", 0.1)


def test_orphans_are_removed_with_what_they_hold_and_in_whatever_order(account: EmulatedAccount) -> None:
    recording = Recording()
    with Proxy(account, observers=[recording]) as proxy:
        clients = Clients(proxy)
        vpc = clients("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        clients("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")
        clients("s3").create_bucket(Bucket="full")
        clients("s3").put_object(Bucket="full", Key="one", Body=b"1")
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        clients("iam").create_role(RoleName="one", AssumeRolePolicyDocument=trust)
        clients("sqs").create_queue(QueueName="one")
    held = find_leaks(account, Census({}, frozenset(), {}), recording)
    lost = orphans(held, {}, **PLACE)
    nouns = {leak.item.kind.noun for leak in lost}
    assert {"Vpc", "Subnet", "Bucket", "Role", "Queue"} <= nouns
    assert remove(tuple(reversed(lost)), Clients(account), **PLACE) == ()
    assert orphans(find_leaks(account, Census({}, frozenset(), {}), recording), {}, **PLACE) == ()


def test_what_is_gone_already_counts_as_removed(account: EmulatedAccount) -> None:
    assert remove((ROLE, VPC, TABLE), Clients(account), **PLACE) == ()


def test_what_cannot_be_removed_is_given_back(account: EmulatedAccount) -> None:
    clients = Clients(account)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    clients("iam").create_role(RoleName="full", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17"}))
    clients("iam").put_role_policy(RoleName="full", PolicyName="one", PolicyDocument=json.dumps(policy))
    nobody_knows = leak("sqs", "CreateSomething", "ListSomething", "one")
    removal = Removal("iam", "DeleteRole", {"RoleName": "full"})
    refused = Leak(Item(Kind("iam", "CreateThing", "ListThings"), "full", removal=removal), CALL)
    mistaken = Leak(Item(Kind("iam", "CreateOther", "ListOthers"), "x", removal=Removal("iam", "GetUser", {"A": 1})))
    assert remove((nobody_knows, refused, ROLE, mistaken), clients, **PLACE) == (nobody_knows, refused, mistaken)


def test_what_is_held_is_removed_when_what_holds_it_is_gone(account: EmulatedAccount) -> None:
    clients = Clients(account)
    vpc = clients("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = clients("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    held = [
        leak("ec2", "CreateVpc", "DescribeVpcs", vpc),
        leak("ec2", "CreateSubnet", "DescribeSubnets", subnet),
    ]
    assert remove(held, clients, **PLACE) == ()
    assert vpc not in [one["VpcId"] for one in clients("ec2").describe_vpcs()["Vpcs"]]


def route(table: str, to: str) -> Call:
    parameters = {"RouteTableId": table, "DestinationCidrBlock": to, "GatewayId": "igw-1"}
    return Call("ec2", "CreateRoute", "us-east-1", 200, parameters=parameters)


def test_a_route_that_a_known_table_has_and_no_state_knows_is_an_orphan(account: EmulatedAccount) -> None:
    clients = Clients(account)
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    for to in ("0.0.0.0/0", "192.168.0.0/16"):
        ec2.create_route(RouteTableId=table, DestinationCidrBlock=to, GatewayId=gateway)
    calls = [route(table, "0.0.0.0/0"), route(table, "192.168.0.0/16"), route("rtb-unknown", "0.0.0.0/0")]
    known = {
        "resources": [
            {"type": "aws_route_table", "instances": [{"attributes": {"id": table, "route": []}}]},
            {
                "type": "aws_route",
                "instances": [
                    {"attributes": {"route_table_id": table, "destination_cidr_block": "192.168.0.0/16"}},
                ],
            },
        ]
    }
    (lost,) = orphans_module.lost_routes(calls, known, clients, region="us-east-1")
    assert (lost.item.identity, lost.call) == ("0.0.0.0/0", calls[0])
    assert str(lost.item.removal) == (
        f"aws ec2 delete-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --region us-east-1"
    )
    assert remove([lost], clients, **PLACE) == ()
    assert orphans_module.lost_routes(calls, known, clients, region="us-east-1") == ()
    assert orphans_module.lost_routes(calls, {}, clients, region="us-east-1") == ()
