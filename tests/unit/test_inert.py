"""The inert account says who asks, and refuses everything else: asked over HTTP, as a provider asks it."""

from __future__ import annotations

import http.client
import json
import re
import socket
import struct
import urllib.parse
from collections.abc import Iterator, Mapping

import pytest

from stackproof.sandbox.emulated.inert import InertAccount


@pytest.fixture
def account() -> Iterator[InertAccount]:
    with InertAccount("111122223333", region="eu-west-1") as account:
        yield account


def call(
    account: InertAccount, method: str = "POST", path: str = "/", body: str = "", **headers: str
) -> tuple[int, str]:
    address = urllib.parse.urlsplit(account.environment()["AWS_ENDPOINT_URL"])
    assert address.hostname == "127.0.0.1"
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def query(account: InertAccount, key: str = "AKIAINERTACCOUNT0000", **asked: str) -> tuple[int, str]:
    signed = f"AWS4-HMAC-SHA256 Credential={key}/20250101/eu-west-1/sts/aws4_request"
    return call(account, body=urllib.parse.urlencode(asked), Authorization=signed)


def found(text: str, name: str) -> str | None:
    told = re.search(rf"<{name}>(.*)</{name}>", text)
    return told and told[1]


def test_it_says_who_asks(account: InertAccount) -> None:
    code, text = query(account, Action="GetCallerIdentity", Version="2011-06-15")
    assert code == 200
    assert text.startswith('<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">')
    assert found(text, "Account") == "111122223333"
    assert found(text, "Arn") == "arn:aws:iam::111122223333:user/inert"
    assert account.refused == []


def test_a_role_of_another_account_can_be_assumed_and_is_then_who_asks(account: InertAccount) -> None:
    code, text = query(account, Action="AssumeRole", RoleArn="arn:aws:iam::444455556666:role/path/deploy")
    assert code == 200
    assert found(text, "Arn") == "arn:aws:sts::444455556666:assumed-role/deploy/inert"
    key = found(text, "AccessKeyId")
    assert key
    assert found(query(account, key, Action="GetCallerIdentity")[1], "Account") == "444455556666"
    assert account.refused == []


def test_another_partition_has_its_own_arns() -> None:
    with InertAccount("111122223333", region="cn-north-1", partition="aws-cn") as account:
        assert found(query(account, Action="GetCallerIdentity")[1], "Arn") == "arn:aws-cn:iam::111122223333:user/inert"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"body": "Action=CreateQueue&QueueName=a"}, "CreateQueue"),
        ({"X_Amz_Target": "AmazonSSM.PutParameter", "body": "{}"}, "AmazonSSM.PutParameter"),
        ({"path": "/bucket", "body": "x" * 10_000_000}, "POST /bucket"),
        *(({"method": method, "path": "/bucket?acl"}, f"{method} /bucket?acl") for method in ("GET", "DELETE", "HEAD")),
        ({"method": "PUT", "path": "/bucket", "body": "x" * 10_000_000}, "PUT /bucket"),
        ({"method": "PATCH", "path": "/v2/apis"}, "PATCH /v2/apis"),
    ],
)
def test_everything_else_is_refused_and_remembered(account: InertAccount, asked: Mapping[str, str], told: str) -> None:
    code, text = call(account, **asked)
    assert code == 403
    assert "AccessDenied" in text or asked.get("method") == "HEAD"
    assert account.refused == [told]


def test_a_refusal_is_one_in_the_service_s_own_protocol(account: InertAccount) -> None:
    said = json.loads(call(account, body="{}", Content_Type="application/x-amz-json-1.1")[1])
    assert said == {
        "__type": "AccessDeniedException",
        "message": "nothing may be read or made while a stack is resolved",
    }
    assert "<ErrorResponse><Error>" in call(account, body="Action=CreateQueue")[1]


def test_its_environment_is_good_for_nothing_elsewhere(account: InertAccount) -> None:
    environment = dict(account.environment())
    assert environment.pop("AWS_ENDPOINT_URL").startswith("http://127.0.0.1:")
    assert environment == {
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AKIAINERTACCOUNT0000",
        "AWS_SECRET_ACCESS_KEY": "inert",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_it_is_gone_afterwards() -> None:
    with InertAccount("111122223333", region="eu-west-1") as account:
        pass
    with pytest.raises(ConnectionRefusedError):
        call(account)


def test_nothing_is_said_of_clients_that_go_before_they_are_answered(
    account: InertAccount, capfd: pytest.CaptureFixture[str]
) -> None:
    address = urllib.parse.urlsplit(account.environment()["AWS_ENDPOINT_URL"])
    for _ in range(20):
        with socket.create_connection((address.hostname, address.port)) as client:
            # closed without ado, as by the end of a process
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nAction=Ge")
    assert query(account, Action="GetCallerIdentity")[0] == 200
    assert capfd.readouterr().err == ""
