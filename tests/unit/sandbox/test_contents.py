"""What an emulated account holds, told by no API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest

from stackproof.sandbox.emulated.account import EmulatedAccount

# the botocore that checkov asks for is older than the warning
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

Client = Callable[..., Any]


@pytest.fixture(scope="module")
def opened() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as account:
        yield account


@pytest.fixture
def account(opened: EmulatedAccount) -> EmulatedAccount:
    opened.reset()
    return opened


def client(account: EmulatedAccount, service: str, region: str = "us-east-1") -> Any:
    given = account.environment()
    return boto3.client(
        service,
        endpoint_url=account.endpoint,
        region_name=region,
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )


def test_an_empty_account_holds_what_aws_gives_to_everyone_and_stays_the_same(account: EmulatedAccount) -> None:
    before = account.data()
    assert len(before["ec2"]["vpcs"]) == 1
    assert len(before["ec2"]["subnets"]) == 6
    assert "amis" not in before["ec2"]
    assert "snapshots" not in before["ec2"]
    client(account, "ec2").describe_vpcs()
    assert account.data() == before


def test_what_is_made_is_held_until_it_is_deleted(account: EmulatedAccount) -> None:
    before = account.data()
    sqs, ec2, ssm = (client(account, service) for service in ("sqs", "ec2", "ssm"))
    queue = sqs.create_queue(QueueName="made")["QueueUrl"]
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ssm.put_parameter(Name="made", Value="v", Type="String")
    held = account.data()
    assert held["sqs"]["queues"] == {"made": ""}
    assert held["ec2"]["vpcs"].items() - before["ec2"]["vpcs"].items() == {(vpc, "available")}
    assert held["ssm"]["parameters"] == {"made": ""}
    sqs.delete_queue(QueueUrl=queue)
    ec2.delete_vpc(VpcId=vpc)
    ssm.delete_parameter(Name="made")
    assert account.data() == before


def test_what_is_inside_of_something_is_held_too(account: EmulatedAccount) -> None:
    events = client(account, "events")
    events.put_rule(Name="made", ScheduleExpression="rate(1 day)")
    assert account.data()["events"]["event_buses"] == {"default": "", "default/rules/made": ""}
    events.delete_rule(Name="made")
    assert account.data()["events"]["event_buses"] == {"default": ""}


def test_what_moto_keeps_in_a_list_is_held_too(account: EmulatedAccount) -> None:
    machines = client(account, "stepfunctions")
    definition = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
    role = "arn:aws:iam::123456789012:role/machine"
    arn = machines.create_state_machine(name="made", definition=definition, roleArn=role)["stateMachineArn"]
    assert list(account.data()["stepfunctions"]["state_machines"]) == [arn]
    machines.delete_state_machine(stateMachineArn=arn)
    assert "stepfunctions" not in account.data()


def test_states_tell_what_is_only_waiting_for_its_end(account: EmulatedAccount) -> None:
    kms = client(account, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert account.data()["kms"]["keys"] == {key: "Enabled"}
    kms.schedule_key_deletion(KeyId=key)
    assert account.data()["kms"]["keys"] == {key: "PendingDeletion"}


def test_what_is_in_another_region_is_told_with_it(account: EmulatedAccount) -> None:
    client(account, "sqs", "eu-west-1").create_queue(QueueName="far")
    assert account.data()["sqs"] == {"queues in eu-west-1": {"far": ""}}
