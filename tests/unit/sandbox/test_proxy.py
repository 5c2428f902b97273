"""The proxy: what passes it unchanged, and what becomes of connections that end too early."""

from __future__ import annotations

import contextlib
import gc
import http.client
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from stackproof.errors import SandboxError
from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.api.requests import ApiRequest
from stackproof.sandbox.api.wire import Answer
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.proxy.proxy import Proxy
from stackproof.sandbox.proxy.recording import Recording

from .proxied import client

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

HANGS_SECONDS = 60
S3 = "AWS4-HMAC-SHA256 Credential=A/20270101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"


@pytest.fixture
def recording() -> Recording:
    return Recording()


@pytest.fixture
def proxy(account: EmulatedAccount, recording: Recording) -> Iterator[Proxy]:
    with Proxy(account, observers=[recording]) as proxy:
        yield proxy


def connect(proxy: Proxy) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(proxy.endpoint.removeprefix("http://"), timeout=HANGS_SECONDS)


def bucket(proxy: Proxy) -> Any:
    s3 = client("s3", proxy)
    s3.create_bucket(Bucket="archive")
    return s3


def test_it_is_the_account_with_another_endpoint(proxy: Proxy, account: EmulatedAccount) -> None:
    own, given = dict(proxy.environment()), dict(account.environment())
    assert own.pop("AWS_ENDPOINT_URL") == proxy.endpoint != given.pop("AWS_ENDPOINT_URL")
    assert own == given
    assert proxy.account_id == account.account_id


def test_endpoints_of_single_services_do_not_lead_past_it(account: EmulatedAccount) -> None:
    class Divided(EmulatedAccount):
        def environment(self) -> dict[str, str]:
            return {**account.environment(), "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"}

    with Proxy(Divided()) as proxy:
        assert "AWS_ENDPOINT_URL_S3" not in proxy.environment()


def test_calls_pass_and_are_told_in_their_order(proxy: Proxy, recording: Recording) -> None:
    sns = client("sns", proxy)
    arn = sns.create_topic(Name="made")["TopicArn"]
    sns.delete_topic(TopicArn=arn)
    assert [str(call) for call in recording] == ["sns:CreateTopic", "sns:DeleteTopic"]
    made, deleted = recording
    assert (made.status, made.region, made.parameters, made.answer) == (
        200,
        "us-east-1",
        {"Name": "made"},
        {"TopicArn": arn},
    )
    assert (deleted.parameters, deleted.answer) == ({"TopicArn": arn}, {})
    assert made.began + made.seconds <= deleted.began


def test_an_error_is_told_and_passed_on(proxy: Proxy, recording: Recording) -> None:
    for service, method, asked, code in (
        ("s3", "get_bucket_policy", {"Bucket": "none"}, "NoSuchBucket"),
        ("iam", "get_role", {"RoleName": "none"}, "NoSuchEntity"),
        ("ec2", "describe_vpcs", {"VpcIds": ["vpc-0"]}, "InvalidVpcID.NotFound"),
        ("ecs", "list_services", {"cluster": "none"}, "ClusterNotFoundException"),
        ("lambda", "get_function", {"FunctionName": "none"}, "ResourceNotFoundException"),
    ):
        with pytest.raises(ClientError) as caught:
            getattr(client(service, proxy), method)(**asked)
        assert caught.value.response["Error"]["Code"] == code
        assert recording.calls[-1].error == code
        assert recording.calls[-1].status == caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_secrets_are_not_among_what_is_told(proxy: Proxy, recording: Recording) -> None:
    secrets = client("secretsmanager", proxy)
    secrets.create_secret(Name="named", SecretString="hush")
    assert secrets.get_secret_value(SecretId="named")["SecretString"] == "hush"
    client("iam", proxy).create_user(UserName="named")
    key = client("iam", proxy).create_access_key(UserName="named")["AccessKey"]
    told = repr([(call.parameters, call.answer) for call in recording])
    assert "named" in told
    assert "hush" not in told
    assert key["AccessKeyId"] in told
    assert key["SecretAccessKey"] not in told


@pytest.mark.parametrize("size", [0, 1, 40_000_000])
def test_bodies_of_any_size_pass(proxy: Proxy, size: int) -> None:
    s3 = bucket(proxy)
    content = os.urandom(size)
    s3.put_object(Bucket="archive", Key="a/b c+ä?", Body=content)
    assert s3.get_object(Bucket="archive", Key="a/b c+ä?")["Body"].read() == content
    assert s3.head_object(Bucket="archive", Key="a/b c+ä?")["ContentLength"] == size
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="archive")["Contents"]] == ["a/b c+ä?"]


def test_a_body_in_chunks_passes_whole(proxy: Proxy) -> None:
    s3 = bucket(proxy)
    connection = connect(proxy)
    connection.request("PUT", "/archive/a", iter([b"one", b"two"]), {"Authorization": S3}, encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()
    assert s3.get_object(Bucket="archive", Key="a")["Body"].read() == b"onetwo"


def test_chunks_that_are_signed_each_pass_as_they_are(proxy: Proxy) -> None:
    s3 = bucket(proxy)
    body = b"6\r\nonetwo\r\n0\r\nx-amz-checksum-crc32:QqN5bw==\r\n\r\n"
    headers = {
        "Authorization": S3,
        "Content-Encoding": "aws-chunked",
        "X-Amz-Decoded-Content-Length": "6",
        "X-Amz-Content-Sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "X-Amz-Trailer": "x-amz-checksum-crc32",
    }
    connection = connect(proxy)
    connection.request("PUT", "/archive/a", body, headers)
    assert connection.getresponse().status == 200
    connection.close()
    assert s3.get_object(Bucket="archive", Key="a")["Body"].read() == b"onetwo"


def test_a_client_that_asks_before_it_sends_is_told_to(proxy: Proxy) -> None:
    bucket(proxy)
    with socket.create_connection(("127.0.0.1", int(proxy.endpoint.rpartition(":")[2])), HANGS_SECONDS) as raw:
        raw.sendall(
            f"PUT /archive/a HTTP/1.1\r\nHost: x\r\nAuthorization: {S3}\r\n"
            "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        assert raw.recv(100).startswith(b"HTTP/1.1 100 ")
        raw.sendall(b"one")
        assert raw.recv(100).startswith(b"HTTP/1.1 200 ")


def test_a_connection_is_kept_for_many_calls(proxy: Proxy) -> None:
    connection = connect(proxy)
    for method in ("GET", "HEAD", "GET"):
        connection.request(method, "/none", headers={"Authorization": S3})
        response = connection.getresponse()
        response.read()
        assert response.status == 404
        assert not response.will_close
    connection.close()


def test_many_clients_are_served_at_once(proxy: Proxy, recording: Recording) -> None:
    def ask() -> None:
        sns = client("sns", proxy)
        for number in range(5):
            sns.create_topic(Name=f"{threading.get_ident()}-{number}")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recording.counts == {"sns:CreateTopic": 40}
    assert len({call.answer["TopicArn"] for call in recording}) == 40


@pytest.mark.parametrize(
    "half",
    [
        b"Content-Length: 100\r\n\r\nhalf",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhalf",
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        b"Content-Length: nonsense\r\n\r\n",
    ],
)
def test_half_a_request_is_not_passed_on(proxy: Proxy, recording: Recording, half: bytes) -> None:
    s3 = bucket(proxy)
    port = int(proxy.endpoint.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), HANGS_SECONDS) as raw:
        raw.sendall(f"PUT /archive/a HTTP/1.1\r\nHost: x\r\nAuthorization: {S3}\r\n".encode() + half)
        raw.shutdown(socket.SHUT_WR)
        assert raw.recv(100) == b""
    assert "Contents" not in s3.list_objects_v2(Bucket="archive")
    assert "s3:PutObject" not in recording.counts


def test_a_client_that_goes_before_its_answer_harms_nobody(
    proxy: Proxy, recording: Recording, capfd: pytest.CaptureFixture[str]
) -> None:
    bucket(proxy)
    port = int(proxy.endpoint.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), HANGS_SECONDS) as raw:
        raw.sendall(
            f"PUT /archive/a HTTP/1.1\r\nHost: x\r\nAuthorization: {S3}\r\nContent-Length: 3\r\n\r\none".encode()
        )
    deadline = time.monotonic() + HANGS_SECONDS
    while "s3:PutObject" not in recording.counts and time.monotonic() < deadline:
        time.sleep(0.01)
    assert client("s3", proxy).get_object(Bucket="archive", Key="a")["Body"].read() == b"one"
    assert proxy.trouble is None
    assert capfd.readouterr().err == ""


def test_an_observer_that_fails_is_heard_of_and_the_client_served(
    account: EmulatedAccount, recording: Recording
) -> None:
    def fail(call: Call) -> None:
        raise ValueError(f"no place for {call}")

    with Proxy(account, observers=[fail, recording]) as proxy:
        client("sns", proxy).list_topics()
        assert str(proxy.trouble) == "an observer failed at sns:ListTopics: no place for sns:ListTopics"
        assert len(recording) == 1


@pytest.mark.parametrize("error", [ValueError("no place"), SandboxError("no place")])
def test_an_interceptor_that_fails_ends_the_call_and_is_heard_of(account: EmulatedAccount, error: Exception) -> None:
    class Failing:
        def before(self, request: ApiRequest, ended: threading.Event) -> Answer | None:  # noqa: ARG002
            raise error

        def after(self, request: ApiRequest, answer: Answer) -> Answer | None:  # noqa: ARG002
            return None

    with Proxy(account, interceptors=[Failing()]) as proxy:
        with pytest.raises(ClientError, match=r"\(SandboxFailed\).*no place"):
            client("sns", proxy, tries=3).create_topic(Name="made")
        assert "no place" in str(proxy.trouble)
    assert client("sns", account).list_topics()["Topics"] == []


def test_an_account_that_dies_is_final_and_remembered() -> None:
    with EmulatedAccount() as account, Proxy(account) as proxy:
        account.check()
        sns = client("sns", proxy, tries=5)
        sns.list_topics()
        account.stop()
        began = time.monotonic()
        with pytest.raises(ClientError) as caught:
            sns.list_topics()
        assert time.monotonic() - began < 10
        assert caught.value.response["Error"]["Code"] == "SandboxUnreachable"
        said = "the emulated account did not answer sns:ListTopics: [Errno 111] Connection refused"
        assert said in caught.value.response["Error"]["Message"]
        assert isinstance(proxy.trouble, SandboxError)
        assert said in str(proxy.trouble)


def test_an_account_that_dies_in_the_middle_is_remembered() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        class Dying(EmulatedAccount):
            def environment(self) -> dict[str, str]:
                return {**super().environment(), "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.getsockname()[1]}"}

        def die() -> None:
            accepted, _ = server.accept()
            accepted.recv(10)
            accepted.close()

        dying = threading.Thread(target=die)
        dying.start()
        with Proxy(Dying()) as proxy:
            with pytest.raises(ClientError) as caught:
                client("sns", proxy).list_topics()
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
            assert proxy.trouble is not None
        dying.join()


def test_nothing_is_left_of_it(account: EmulatedAccount) -> None:
    gc.collect()  # clients of other tests hold connections until then
    threads, before = set(threading.enumerate()), psutil.Process().num_fds()
    with Proxy(account) as proxy:
        connections = [connect(proxy) for _ in range(3)]
        for connection in connections:
            connection.request("GET", "/none", headers={"Authorization": S3})
            connection.getresponse().read()
        half = socket.create_connection(("127.0.0.1", int(proxy.endpoint.rpartition(":")[2])))
        half.sendall(b"PUT /archive/a HTTP/1.1\r\n")
    half.close()
    for connection in connections:
        connection.close()
    assert set(threading.enumerate()) == threads
    assert psutil.Process().num_fds() <= before
    with pytest.raises(SandboxError, match="the proxy is not started"):
        proxy.environment()


def test_it_ends_although_the_account_is_silent() -> None:
    with EmulatedAccount() as account, Proxy(account) as proxy:
        account.check()
        assert account._process is not None
        os.kill(account._process.pid, signal.SIGSTOP)
        asking = threading.Thread(target=_ask_in_vain, args=(proxy,))
        asking.start()
        time.sleep(0.2)
        began = time.monotonic()
        proxy.stop()
        assert time.monotonic() - began < 4
        asking.join(HANGS_SECONDS)
        assert proxy.trouble is None


def _ask_in_vain(proxy: Proxy) -> None:
    connection = connect(proxy)
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/none", headers={"Authorization": S3})
        connection.getresponse()
    connection.close()
