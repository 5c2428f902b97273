"""Faults, as real clients meet them on their way to an emulated account."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError  # type: ignore[import-untyped]

from stackproof.errors import TerraformError
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.proxy.faults import Fault, Faults, Kind
from stackproof.sandbox.proxy.proxy import Proxy
from stackproof.sandbox.proxy.recording import Recording
from stackproof.terraform.locate import Cli

from .applied import terraform
from .proxied import client

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


class Through:
    """A proxy with faults, and what passed it."""

    def __init__(self, account: EmulatedAccount, *faults: Fault, seed: int = 0) -> None:
        self.recording = Recording()
        self.faults = Faults(faults, seed=seed)
        self._proxy = Proxy(account, interceptors=[self.faults], observers=[self.recording])

    def __enter__(self) -> Through:
        self._stack = ExitStack()
        self.proxy = self._stack.enter_context(self._proxy)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def client(self, service: str, tries: int = 1) -> Any:
        return client(service, self.proxy, tries=tries)


REFUSED = [
    (Kind.THROTTLED, "s3", "list_buckets", 503, "SlowDown"),
    (Kind.THROTTLED, "ec2", "describe_vpcs", 503, "RequestLimitExceeded"),
    (Kind.THROTTLED, "iam", "list_roles", 400, "Throttling"),
    (Kind.THROTTLED, "ecs", "list_clusters", 400, "ThrottlingException"),
    (Kind.THROTTLED, "lambda", "list_functions", 429, "TooManyRequestsException"),
    (Kind.THROTTLED, "route53", "list_hosted_zones", 400, "ThrottlingException"),
    (Kind.SERVER_ERROR, "s3", "list_buckets", 500, "InternalError"),
    (Kind.SERVER_ERROR, "ec2", "describe_vpcs", 500, "InternalError"),
    (Kind.SERVER_ERROR, "iam", "list_roles", 500, "InternalFailure"),
    (Kind.SERVER_ERROR, "dynamodb", "list_tables", 500, "InternalServerError"),
    (Kind.SERVER_ERROR, "lambda", "list_functions", 500, "InternalServerException"),
    (Kind.EXPIRED, "s3", "list_buckets", 400, "ExpiredToken"),
    (Kind.EXPIRED, "ec2", "describe_vpcs", 400, "RequestExpired"),
    (Kind.EXPIRED, "sts", "get_caller_identity", 403, "ExpiredToken"),
    (Kind.EXPIRED, "ecs", "list_clusters", 400, "ExpiredTokenException"),
]


@pytest.mark.parametrize(("kind", "service", "method", "status", "code"), REFUSED)
def test_a_call_is_refused_as_its_service_would(
    account: EmulatedAccount, kind: Kind, service: str, method: str, status: int, code: str
) -> None:
    with Through(account, Fault(kind)) as through:
        with pytest.raises(ClientError) as caught:
            getattr(through.client(service), method)()
        assert caught.value.response["Error"]["Code"] == code
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
        assert [(call.status, call.error) for call in through.recording] == [(status, code)]
        getattr(through.client(service), method)()
        assert [call.error for call in through.recording] == [code, ""]


@pytest.mark.parametrize("kind", [Kind.THROTTLED, Kind.SERVER_ERROR, Kind.DROPPED])
@pytest.mark.parametrize(
    ("service", "method"),
    [("s3", "list_buckets"), ("ec2", "describe_vpcs"), ("sns", "list_topics"), ("ecs", "list_clusters")],
)
def test_a_client_that_tries_again_gets_through(
    account: EmulatedAccount, kind: Kind, service: str, method: str
) -> None:
    with Through(account, Fault(kind)) as through:
        getattr(through.client(service, tries=2), method)()
        assert len(through.recording) == 2


def test_a_dropped_call_does_nothing(account: EmulatedAccount) -> None:
    with Through(account, Fault(Kind.DROPPED, "sqs", "CreateQueue")) as through:
        with pytest.raises(ConnectionClosedError):
            through.client("sqs").create_queue(QueueName="q")
        assert "QueueUrls" not in client("sqs", account).list_queues()
        assert [(call.status, call.error) for call in through.recording] == [(0, "")]


def test_a_call_whose_answer_is_lost_is_done_and_recorded(account: EmulatedAccount) -> None:
    with Through(account, Fault(Kind.ANSWER_LOST, "sns", "Create*")) as through:
        with pytest.raises(ConnectionClosedError):
            through.client("sns").create_topic(Name="made")
        (topic,) = client("sns", account).list_topics()["Topics"]
        (call,) = through.recording
        assert (call.status, call.answer) == (200, {"TopicArn": topic["TopicArn"]})


def test_a_slow_call_comes_in_the_end(account: EmulatedAccount) -> None:
    with Through(account, Fault(Kind.SLOW, seconds=0.5)) as through:
        began = time.monotonic()
        through.client("sns").list_topics()
        assert time.monotonic() - began >= 0.5
        assert through.recording.calls[0].seconds >= 0.5


def test_a_slow_call_does_not_keep_the_proxy(account: EmulatedAccount) -> None:
    with Through(account, Fault(Kind.SLOW, seconds=60)) as through:
        asking = threading.Thread(target=_ask_in_vain, args=(through.client("sns"),))
        asking.start()
        while not through.faults.injected:
            time.sleep(0.01)
        began = time.monotonic()
    assert time.monotonic() - began < 10
    asking.join(10)
    assert not asking.is_alive()


def _ask_in_vain(sns: Any) -> None:
    with pytest.raises(ConnectionClosedError):
        sns.list_topics()


def test_calls_of_each_action_are_spared_and_counted_by_themselves(account: EmulatedAccount) -> None:
    with Through(account, Fault(Kind.EXPIRED, "sns", "List*", after=1, count=2)) as through:
        sns = through.client("sns")
        for method in (sns.list_topics, sns.list_subscriptions) * 4:
            _try(method)
        assert _errors(through, "ListTopics") == ["", "ExpiredToken", "ExpiredToken", ""]
        assert _errors(through, "ListSubscriptions") == ["", "ExpiredToken", "ExpiredToken", ""]
        assert [str(one) for one in through.faults.injected] == [
            "expired sns:ListTopics #2",
            "expired sns:ListSubscriptions #2",
            "expired sns:ListTopics #3",
            "expired sns:ListSubscriptions #3",
        ]


def _try(method: Any) -> None:
    try:
        method()
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExpiredToken":
            raise


def _errors(through: Through, action: str) -> list[str]:
    return [call.error for call in through.recording if call.action == action]


def _chances(account: EmulatedAccount, seed: int, *, swapped: bool = False) -> list[list[str]]:
    fault = Fault(Kind.EXPIRED, "sns", count=None, probability=0.5)
    with Through(account, fault, seed=seed) as through:
        sns = through.client("sns")
        methods = (sns.list_topics, sns.list_subscriptions)
        for _ in range(12):
            for method in reversed(methods) if swapped else methods:
                _try(method)
        return [_errors(through, "ListTopics"), _errors(through, "ListSubscriptions")]


def test_chance_is_a_matter_of_the_seed_and_not_of_who_comes_first(account: EmulatedAccount) -> None:
    first = _chances(account, 1)
    assert first == _chances(account, 1, swapped=True)
    assert first != _chances(account, 2)
    assert {"", "ExpiredToken"} == set(first[0])


def test_faults_that_befell_nothing_are_named(account: EmulatedAccount) -> None:
    used, unused = Fault(Kind.EXPIRED, "sns"), Fault(Kind.DROPPED, "sqs")
    with Through(account, used, unused) as through:
        _try(through.client("sns").list_topics)
        assert through.faults.unused == (unused,)
        assert str(unused) == "dropped sqs:*"


STACK = """
provider "aws" {
  region = "us-east-1"
}

resource "aws_sns_topic" "news" {
  name = "news"
}

resource "aws_ssm_parameter" "address" {
  name  = "/address"
  type  = "String"
  value = aws_sns_topic.news.arn
}

resource "aws_iam_role" "reader" {
  name               = "reader"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
"""


@pytest.mark.usefixtures("aws_package")
def test_an_apply_converges_although_each_action_fails_once(
    account: EmulatedAccount, any_cli: Cli, tmp_path: Path
) -> None:
    faults = [
        Fault(Kind.THROTTLED, "sns"),
        Fault(Kind.SERVER_ERROR, "ssm"),
        Fault(Kind.DROPPED, "iam", "Get*"),
        Fault(Kind.ANSWER_LOST, "sns", "CreateTopic", after=1),
        Fault(Kind.SLOW, "iam", "CreateRole", seconds=0.5),
    ]
    with Through(account, *faults) as through, terraform(any_cli, tmp_path, through.proxy, STACK) as cli:
        cli.apply()
        assert through.faults.unused == ()
    assert [topic["TopicArn"][-5:] for topic in client("sns", account).list_topics()["Topics"]] == [":news"]
    assert client("ssm", account).get_parameter(Name="/address")["Parameter"]["Value"].endswith(":news")
    assert client("iam", account).get_role(RoleName="reader")["Role"]["RoleName"] == "reader"


@pytest.mark.usefixtures("aws_package")
def test_an_apply_says_that_credentials_have_expired(account: EmulatedAccount, any_cli: Cli, tmp_path: Path) -> None:
    with (
        Through(account, Fault(Kind.EXPIRED, "iam", "CreateRole", count=None)) as through,
        terraform(any_cli, tmp_path, through.proxy, STACK) as cli,
        pytest.raises(TerraformError, match="ExpiredToken"),
    ):
        cli.apply()
    assert through.recording.counts["iam:CreateRole"] == 1
