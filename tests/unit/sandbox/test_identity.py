"""Who asks: credentials of users and roles, and an emulated account that looks at them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from stackproof.sandbox.account import Account, AmbientAccount
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.emulated.identity import Identity

# the botocore that checkov asks for is older than the warning
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}


def client(service: str, account: Account) -> Any:
    variables = account.environment()
    return boto3.client(
        service,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=variables["AWS_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=variables.get("AWS_SESSION_TOKEN"),
    )


@pytest.fixture
def account() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as account:
        yield account


def user(account: EmulatedAccount, *actions: str) -> Identity:
    """A user who may do only this."""
    iam = client("iam", account)
    iam.create_user(UserName="user")
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    iam.put_user_policy(UserName="user", PolicyName="may", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName="user")["AccessKey"]
    return account.as_identity(key["AccessKeyId"], key["SecretAccessKey"])


def test_nobody_is_asked_for_permissions_until_they_are_enforced(account: EmulatedAccount) -> None:
    somebody = user(account, "sqs:ListQueues")
    client("sns", somebody).create_topic(Name="before")
    account.enforce_iam()
    client("sqs", somebody).list_queues()
    with pytest.raises(ClientError, match=r"user/user is not authorized to perform: sns:CreateTopic"):
        client("sns", somebody).create_topic(Name="enforced")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client("sqs", account).list_queues()
    # what is in the account can be looked at all the same
    assert list(account.data()["sns"]["topics"]) == ["arn:aws:sns:us-east-1:123456789012:before"]
    account.enforce_iam(enforced=False)
    client("sns", somebody).create_topic(Name="after")
    client("sqs", account).list_queues()


def test_an_assumed_role_is_an_identity_too(account: EmulatedAccount) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    arn = client("iam", account).create_role(RoleName="role", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    given = client("sts", account).assume_role(RoleArn=arn, RoleSessionName="here")["Credentials"]
    role = account.as_identity(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert client("sts", role).get_caller_identity()["Arn"] == "arn:aws:sts::123456789012:assumed-role/role/here"
    account.enforce_iam()
    with pytest.raises(ClientError, match="assumed-role/role/here is not authorized to perform: sqs:ListQueues"):
        client("sqs", role).list_queues()


def test_an_identity_is_an_account_with_other_credentials(account: EmulatedAccount) -> None:
    identity = account.as_identity("AKIAOTHER", "secret")
    assert identity.account_id == "123456789012"
    assert identity.environment() == {
        **account.environment(),
        "AWS_ACCESS_KEY_ID": "AKIAOTHER",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }


def test_nothing_of_who_asked_before_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Identity.NAMED:
        monkeypatch.setenv(name, "own")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    variables = Identity(AmbientAccount(), "AKIAOTHER", "secret").environment()
    assert "own" not in variables.values()
    assert variables["AWS_REGION"] == "eu-west-1"


def test_an_identity_does_not_show_its_secret(account: EmulatedAccount) -> None:
    assert "SECRET" not in repr(account.as_identity("AKIAOTHER", "SECRET", "SECRET"))
