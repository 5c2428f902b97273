"""The clients of an account: with its own identity, region and endpoint, one a service, for any thread."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ProfileNotFound  # type: ignore[import-untyped]

from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


class Account:
    """An account with these variables."""

    account_id: str | None = None

    def __init__(self, **variables: str) -> None:
        self._variables = variables

    def environment(self) -> Mapping[str, str]:
        return self._variables


GIVEN = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "AKIAGIVEN",
    "AWS_SECRET_ACCESS_KEY": "given",
    "AWS_SESSION_TOKEN": "token",
}


@pytest.fixture(autouse=True)
def _caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller with an AWS identity of their own."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "own",
        "AWS_SECRET_ACCESS_KEY": "own",
        "AWS_SESSION_TOKEN": "own",
        "AWS_REGION": "xx-own-1",
        "AWS_ENDPOINT_URL": "http://own.invalid",
        "AWS_ENDPOINT_URL_SQS": "http://own.invalid",
    }.items():
        monkeypatch.setenv(name, value)


def test_a_client_has_the_account_s_identity_region_and_endpoint_and_not_the_caller_s() -> None:
    client = Clients(Account(**GIVEN))("sqs")
    credentials = client._request_signer._credentials
    assert (credentials.access_key, credentials.secret_key, credentials.token) == ("AKIAGIVEN", "given", "token")
    assert client.meta.region_name == "eu-west-1"
    assert client.meta.endpoint_url == "http://127.0.0.1:9"


def test_a_service_has_one_client() -> None:
    clients = Clients(Account(**GIVEN))
    assert clients("sqs") is clients("sqs")
    assert clients("sqs") is not clients("sns")


def test_a_call_is_tried_as_often_as_is_said() -> None:
    for attempts in (1, 7):
        config = Clients(Account(**GIVEN), attempts=attempts)("sqs").meta.config
        assert config.retries["total_max_attempts"] == attempts
    assert not Clients(Account(**GIVEN))("sqs").meta.config.retries.get("total_max_attempts")


def test_a_profile_is_looked_for_where_the_account_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"), "AWS_CONFIG_FILE": str(tmp_path / "config")}
    text = "[named]\naws_access_key_id = AKIANAMED\naws_secret_access_key = named\n"
    (tmp_path / "credentials").write_text(text, encoding="utf-8")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    client = Clients(Account(AWS_PROFILE="named", AWS_REGION="eu-west-1", **files))("sqs")
    assert client._request_signer._credentials.access_key == "AKIANAMED"
    with pytest.raises(ProfileNotFound, match="other"):
        Clients(Account(AWS_PROFILE="other", AWS_REGION="eu-west-1", **files))("sqs")


def test_threads_may_ask_for_clients_at_once() -> None:
    clients = Clients(Account(**GIVEN))
    services = ["sqs", "sns", "iam", "logs"] * 8
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(clients, services))
    assert {client.meta.service_model.service_name for client in made} == set(services)
    assert len({id(client) for client in made}) == 4


def test_what_a_client_asks_is_asked_of_the_account() -> None:
    with EmulatedAccount(account_id="210987654321", region="eu-west-1") as account:
        clients = Clients(account)
        assert clients("sts").get_caller_identity()["Account"] == "210987654321"
        clients("logs").create_log_group(logGroupName="/made")
        (group,) = clients("logs").describe_log_groups()["logGroups"]
    assert group["arn"].startswith("arn:aws:logs:eu-west-1:210987654321:")
