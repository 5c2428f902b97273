"""A fence stops, in front of the account, what would leave it or its regions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.proxy.fence import Fence
from stackproof.sandbox.proxy.proxy import Proxy
from stackproof.sandbox.real import RealAccount
from stackproof.settings import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

ID = "123456789012"


@pytest.fixture(scope="module")
def account() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as started:
        yield started


@pytest.fixture
def fence() -> Fence:
    return Fence.around(RealAccount(ID, Sandbox(regions=("eu-west-1", "eu-west-3")), {}))


@pytest.fixture
def proxy(account: EmulatedAccount, fence: Fence) -> Iterator[Proxy]:
    with Proxy(account, interceptors=[fence]) as started:
        yield started


def client(proxy: Proxy, service: str, region: str) -> Any:
    variables = proxy.environment()
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )


def test_allowed_regions_and_services_of_no_region_are_let_through(proxy: Proxy, fence: Fence) -> None:
    for region in ("eu-west-1", "eu-west-3"):
        client(proxy, "sqs", region).create_queue(QueueName="jobs")
    client(proxy, "iam", "us-east-1").list_roles()
    client(proxy, "sts", "us-east-1").get_caller_identity()
    assert fence.refused == []


@pytest.mark.parametrize(("service", "call"), [("sqs", "list_queues"), ("ec2", "create_vpc"), ("s3", "list_buckets")])
def test_other_regions_are_refused_before_the_account_hears_of_it(
    proxy: Proxy, fence: Fence, service: str, call: str
) -> None:
    parameters = {"CidrBlock": "10.0.0.0/16"} if call == "create_vpc" else {}
    with pytest.raises(ClientError, match=r"AccessDenied.*refused by Stackproof: region us-west-2 is not allowed"):
        getattr(client(proxy, service, "us-west-2"), call)(**parameters)
    assert len(fence.refused) == 1
    assert fence.refused[0].startswith(f"{service}:")


def test_roles_of_another_account_are_not_assumed(proxy: Proxy, fence: Fence) -> None:
    sts = client(proxy, "sts", "eu-west-1")
    sts.assume_role(RoleArn=f"arn:aws:iam::{ID}:role/own", RoleSessionName="test")
    with pytest.raises(ClientError, match=rf"role/theirs is not of account {ID}"):
        sts.assume_role(RoleArn="arn:aws:iam::999999999999:role/theirs", RoleSessionName="test")
    assert fence.refused == [f"sts:AssumeRole: arn:aws:iam::999999999999:role/theirs is not of account {ID}"]
