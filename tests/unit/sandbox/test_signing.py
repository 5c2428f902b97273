"""The proxy in front of a real account: held against moto, which checks signatures and rights where it is told to."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from stackproof.errors import SandboxError
from stackproof.sandbox.account import AmbientAccount
from stackproof.sandbox.api.requests import ApiRequest, Scope
from stackproof.sandbox.api.wire import HttpRequest
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.proxy import endpoints
from stackproof.sandbox.proxy.endpoints import Endpoint
from stackproof.sandbox.proxy.proxy import Proxy
from stackproof.sandbox.proxy.recording import Recording

from .proxied import client

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

ALL = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
TRUST = '{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}]}'


@dataclass
class Keys:
    """An account that is known by its keys alone, as a real one is."""

    variables: Mapping[str, str]
    account_id: str | None = field(default=None, init=False)

    def environment(self) -> Mapping[str, str]:
        return self.variables


@pytest.fixture(scope="module")
def emulated() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as account:
        account.check()
        iam = client("iam", account)
        for name in ("deployer", "guest"):
            iam.create_user(UserName=name)
        iam.put_user_policy(UserName="deployer", PolicyName="all", PolicyDocument=ALL)
        iam.create_role(RoleName="other", AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName="other", PolicyName="all", PolicyDocument=ALL)
        yield account


def keys(account: EmulatedAccount, user: str) -> Keys:
    made = client("iam", account).create_access_key(UserName=user)["AccessKey"]
    variables = {
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
    }
    return Keys(variables)


@pytest.fixture
def deployer(emulated: EmulatedAccount) -> Iterator[Keys]:
    made = keys(emulated, "deployer")
    _enforce(emulated, "0")
    yield made
    _enforce(emulated, "inf")
    client("iam", emulated).delete_access_key(UserName="deployer", AccessKeyId=made.variables["AWS_ACCESS_KEY_ID"])


def _enforce(account: EmulatedAccount, after: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", account.port)
    connection.request("POST", "/moto-api/reset-auth", after)
    assert connection.getresponse().status == 200
    connection.close()


class Elsewhere:
    """AWS's own rules for everything but the host."""

    def __init__(self, account: EmulatedAccount) -> None:
        self._url = account.endpoint
        self.asked: list[Endpoint] = []

    def __call__(self, request: ApiRequest, region: str) -> Endpoint | None:
        found = endpoints.resolve(request, region)
        if found is None:
            return None
        self.asked.append(found)
        return replace(found, url=self._url)


def through(emulated: EmulatedAccount, account: Keys) -> Proxy:
    return Proxy(account, resolve=Elsewhere(emulated))


def test_calls_in_every_protocol_are_signed_anew(emulated: EmulatedAccount, deployer: Keys) -> None:
    recording = Recording()
    with through(emulated, deployer) as proxy:
        proxy.observers.append(recording)
        sts = client("sts", proxy).get_caller_identity()
        assert sts["Arn"].endswith(":user/deployer")
        client("sns", proxy).create_topic(Name="made")
        client("ec2", proxy).describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.0.0.0/8"]}])
        client("iam", proxy).list_roles()
        client("ecs", proxy).list_clusters()
        client("route53", proxy).list_hosted_zones()
        # an encoded path: who is heard at all is told that there is no such function
        with pytest.raises(ClientError, match="ResourceNotFound"):
            client("lambda", proxy).list_tags(Resource="arn:aws:lambda:eu-west-1:123456789012:function:none")
        s3 = client("s3", proxy)
        s3.create_bucket(Bucket="archive", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_bucket_tagging(Bucket="archive", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
        s3.put_object(Bucket="archive", Key="a/b c+d", Body=b"one", Metadata={"note": "n"})
        assert s3.get_object(Bucket="archive", Key="a/b c+d")["Body"].read() == b"one"
        assert [item["Key"] for item in s3.list_objects_v2(Bucket="archive", Prefix="a/b c")["Contents"]] == ["a/b c+d"]
        assert proxy.trouble is None
    assert {call.error for call in recording if call.service != "lambda"} == {""}


def test_clients_get_no_credentials_of_the_account(emulated: EmulatedAccount, deployer: Keys) -> None:
    with through(emulated, deployer) as proxy:
        given = proxy.environment()
    assert not set(deployer.variables.values()) & set(given.values()) - {"eu-west-1"}
    assert given["AWS_REGION"] == given["AWS_DEFAULT_REGION"] == "eu-west-1"


def test_rights_and_signatures_are_the_account_s_own(emulated: EmulatedAccount, deployer: Keys) -> None:
    _enforce(emulated, "inf")
    guest = keys(emulated, "guest")
    _enforce(emulated, "0")
    forged = Keys({**deployer.variables, "AWS_SECRET_ACCESS_KEY": "forged"})
    for account, code in ((guest, "AccessDenied"), (forged, "SignatureDoesNotMatch")):
        with through(emulated, account) as proxy, pytest.raises(ClientError) as caught:
            client("iam", proxy).list_roles()
        assert caught.value.response["Error"]["Code"] == code


def test_a_role_that_a_client_assumes_is_signed_for(emulated: EmulatedAccount, deployer: Keys) -> None:
    with through(emulated, deployer) as proxy:
        sts = client("sts", proxy)
        role = f"arn:aws:iam::{emulated.account_id}:role/other"
        given = sts.assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
        names = {
            "AccessKeyId": "access_key_id",
            "SecretAccessKey": "secret_access_key",
            "SessionToken": "session_token",
        }
        assumed = boto3.client(
            "sts",
            endpoint_url=proxy.endpoint,
            region_name="eu-west-1",
            **{f"aws_{name}": given[key] for key, name in names.items()},
        )
        assert ":assumed-role/other/" in assumed.get_caller_identity()["Arn"]


def test_a_key_that_did_not_come_through_the_proxy_is_refused(emulated: EmulatedAccount, deployer: Keys) -> None:
    with through(emulated, deployer) as proxy:
        stranger = boto3.client(
            "sts",
            endpoint_url=proxy.endpoint,
            region_name="eu-west-1",
            aws_access_key_id="AKIASTRANGER00000000",
            aws_secret_access_key="own",
        )
        with pytest.raises(ClientError, match="signed with a key that was not had through the proxy"):
            stranger.get_caller_identity()


def test_chunks_that_are_signed_each_are_joined(emulated: EmulatedAccount, deployer: Keys) -> None:
    with through(emulated, deployer) as proxy:
        s3 = client("s3", proxy)
        s3.create_bucket(Bucket="chunks", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        key = proxy.environment()["AWS_ACCESS_KEY_ID"]
        headers = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={key}/20270101/eu-west-1/s3/aws4_request, Signature=0",
            "Content-Encoding": "aws-chunked",
            "X-Amz-Decoded-Content-Length": "6",
            "X-Amz-Content-Sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            "X-Amz-Trailer": "x-amz-checksum-crc32",
        }
        body = b"3;chunk-signature=0\r\none\r\n3;chunk-signature=0\r\ntwo\r\n0\r\nx-amz-checksum-crc32:GqLZqA==\r\n\r\n"
        for sent, status in ((body, 200), (body[:25], 400)):
            connection = http.client.HTTPConnection(proxy.endpoint.removeprefix("http://"))
            connection.request("PUT", "/chunks/a", sent, headers)
            assert connection.getresponse().status == status
            connection.close()
        found = s3.get_object(Bucket="chunks", Key="a")
        assert found["Body"].read() == b"onetwo"
        assert "aws-chunked" not in found.get("ContentEncoding", "")


def test_an_unknown_service_is_refused(emulated: EmulatedAccount, deployer: Keys) -> None:
    with through(emulated, deployer) as proxy:
        connection = http.client.HTTPConnection(proxy.endpoint.removeprefix("http://"))
        connection.request(
            "GET", "/x", headers={"Authorization": "Credential=A/20270101/eu-west-1/nosuch/aws4_request"}
        )
        response = connection.getresponse()
        assert (response.status, b"is not known" in response.read()) == (400, True)
        connection.close()


def test_aws_out_of_reach_is_remembered_and_left_to_clients_to_try_again(deployer: Keys) -> None:
    def nowhere(request: ApiRequest, region: str) -> Endpoint:
        return Endpoint("https://127.0.0.1:1", region, request.scope.service)

    with Proxy(deployer, resolve=nowhere) as proxy:
        with pytest.raises(ClientError) as caught:
            client("sns", proxy).list_topics()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert str(proxy.trouble).startswith(
            "https://127.0.0.1:1: AWS did not answer sns:ListTopics: Could not connect"
        )


def test_a_profile_that_is_none_is_an_error_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "none")
    with pytest.raises(SandboxError, match=r"AWS credentials: The config profile \(none\) could not be found"):
        Proxy(AmbientAccount()).start()


@pytest.mark.parametrize(
    ("service", "region", "parameters", "url", "signed"),
    [
        ("ecs", "eu-west-1", {}, "https://ecs.eu-west-1.amazonaws.com", "eu-west-1"),
        ("iam", "eu-west-1", {}, "https://iam.amazonaws.com", "us-east-1"),
        ("route53", "eu-west-1", {}, "https://route53.amazonaws.com", "us-east-1"),
        ("sts", "eu-west-1", {}, "https://sts.eu-west-1.amazonaws.com", "eu-west-1"),
        ("s3", "us-east-1", {"Bucket": "b"}, "https://s3.us-east-1.amazonaws.com", "us-east-1"),
        ("elbv2", "us-gov-west-1", {}, "https://elasticloadbalancing.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("dynamodb", "cn-north-1", {}, "https://dynamodb.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("s3control", "eu-west-1", {"AccountId": "1"}, "https://1.s3-control.eu-west-1.amazonaws.com", "eu-west-1"),
    ],
)
def test_services_are_where_aws_says(
    service: str, region: str, parameters: dict[str, str], url: str, signed: str
) -> None:
    request = ApiRequest(HttpRequest("POST", "/"), Scope("A", region, service), service, "", "")
    request.__dict__["parameters"] = parameters
    found = endpoints.resolve(request, "eu-central-1")
    assert found is not None
    assert (found.url, found.region) == (url, signed)
