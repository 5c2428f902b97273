"""`stackproof janitor` from outside: what it shows, what it removes, and how it ends."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stackproof.cli import main
from stackproof.deployment import Deployment
from stackproof.deployment.deployment import Means
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.remote_state import RemoteState
from stackproof.sandbox.runs import Records, SandboxRun, TaggingAccount
from stackproof.settings import load_settings
from stackproof.terraform import locate

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

ID = "123456789012"
OLD = SandboxRun("oldrun22", "news", "dev", datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=UTC))
STACK = """
provider "aws" {
  region = "us-east-1"
}

variable "project" {
  type = string
}

resource "aws_sns_topic" "news" {
  name = "${var.project}-news"
}

resource "aws_iam_role" "reader" {
  name               = "${var.project}-reader"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
"""
SETTINGS = f"""
[tool.stackproof]
cache = "cache"

[tool.stackproof.sandbox]
allowed_accounts = ["{ID}"]
prefix_variable = "project"

[tool.stackproof.stacks.news]
folder = "stack"

[tool.stackproof.stacks.news.environments.dev]
"""


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as started:
        yield started


@pytest.fixture
def account(server: EmulatedAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EmulatedAccount:
    server.reset()
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    (tmp_path / "stack").mkdir()
    (tmp_path / "stack/main.tf").write_text(STACK, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return server


def queue(account: EmulatedAccount, name: str) -> None:
    Clients(account)("sqs").create_queue(QueueName=name, tags=dict(OLD.tags))


def queues(account: EmulatedAccount) -> list[str]:
    return [url.rsplit("/", 1)[-1] for url in Clients(account)("sqs").list_queues().get("QueueUrls", [])]


def printed(capsys: pytest.CaptureFixture[str], *words: str, code: int) -> Any:
    assert main(["janitor", *words, "--format", "json"]) == code
    return json.loads(capsys.readouterr().out)


REAL = ("--sandbox", "real", "--sandbox-account", ID)


@pytest.mark.parametrize("where", [(), REAL], ids=["emulated", "real"])
def test_it_shows_removes_and_then_finds_nothing(
    account: EmulatedAccount, capsys: pytest.CaptureFixture[str], where: tuple[str, ...]
) -> None:
    queue(account, "left")
    shown = printed(capsys, *where, code=1)
    assert (shown["version"], shown["account"]) == (1, ID)
    assert [entry["name"] for entry in shown["expired"]] == [f"arn:aws:sqs:us-east-1:{ID}:left"]
    assert shown["expired"][0]["expires"] == "2020-01-02T00:00:00Z"
    assert queues(account) == ["left"]
    done = printed(capsys, *where, "--yes", code=0)
    assert [entry["run"] for entry in done["removed"]] == [OLD.id]
    assert queues(account) == []
    assert printed(capsys, *where, code=0)["expired"] == []


def test_exclusions_hold_in_both_modes(account: EmulatedAccount, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("kept", "left"):
        queue(account, name)
    shown = printed(capsys, "--exclude", "kept", code=1)
    assert [len(shown[part]) for part in ("expired", "excluded")] == [1, 1]
    printed(capsys, "--exclude", "kept", "--yes", code=0)
    assert queues(account) == ["kept"]
    printed(capsys, "--exclude", f"{OLD.id[:3]}*", "--yes", code=0)
    assert queues(account) == ["kept"]
    printed(capsys, "--run", "another", "--yes", code=0)
    assert queues(account) == ["kept"]


def test_people_get_tables(account: EmulatedAccount, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["janitor"]) == 0
    assert "nothing is left by expired runs" in capsys.readouterr().out
    queue(account, "left")
    assert main(["janitor"]) == 1
    told = capsys.readouterr().out
    assert f"arn:aws:sqs:us-east-1:{ID}:left" in told
    assert "2020-01-02T00:00:00Z" in told
    assert "1 left by expired runs; --yes removes them" in told
    assert main(["janitor", "--yes"]) == 0
    assert "1 removed, 0 left" in capsys.readouterr().out


def test_what_cannot_be_removed_is_told_with_its_command(
    account: EmulatedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    states = RemoteState(account, account_id=ID, region="us-east-1")
    states.make()
    state = {"resources": [{"mode": "managed", "type": "x", "name": "y", "instances": [{"attributes": {}}]}]}
    gone = SandboxRun(OLD.id, "gone", "dev", OLD.began, OLD.expires)
    Records(account, states.bucket).write(gone)
    Clients(account)("s3").put_object(Bucket=states.bucket, Key=gone.state_key, Body=json.dumps(state).encode())
    done = printed(capsys, "--yes", code=1)
    why = {entry["kind"]: entry["why"] for entry in done["left"]}
    assert "no stack named 'gone'" in why["state"]
    assert "something of its run is left" in why["record"]
    assert main(["janitor", "--yes"]) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "terraform destroy" in told
    assert "0 removed, 2 left" in told


def test_a_killed_run_is_destroyed_by_its_state(
    account: EmulatedAccount, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load_settings(tmp_path / "pyproject.toml")
    stack = settings.stack("news")
    states = RemoteState(account, account_id=ID, region="us-east-1")
    states.make()
    Records(account, states.bucket).write(OLD)
    means = Means(locate.locate(), 100, tmp_path / "cache")
    tagging = TaggingAccount(account, OLD)
    named = {"project": f"sp-{OLD.id}"}
    with Deployment(
        stack, stack.environment("dev"), tagging, means, states, key=OLD.state_key, variables=named
    ) as deployment:
        deployment.apply()
    shown = printed(capsys, code=1)
    assert {entry["kind"] for entry in shown["expired"]} == {"resource", "state", "record"}
    assert "2 resources in it" in {entry["detail"] for entry in shown["expired"]}
    done = printed(capsys, "--yes", code=0)
    assert done["left"] == []
    assert Clients(account)("sns").list_topics()["Topics"] == []
    assert Clients(account)("iam").list_roles()["Roles"] == []
    assert printed(capsys, code=0)["expired"] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--sandbox", "real"), "only where its id is said"),
        (("--sandbox", "real", "--sandbox-account", "999999999999"), "account 999999999999 is not allowed"),
        (("--sandbox-account", ID), "Add --sandbox real"),
    ],
)
def test_accounts_that_are_not_allowed_are_refused(
    account: EmulatedAccount, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str
) -> None:
    queue(account, "left")
    assert main(["janitor", *words, "--yes"]) == 2
    assert says in capsys.readouterr().err
    assert queues(account) == ["left"]


@pytest.mark.usefixtures("account")
def test_an_emulated_account_is_looked_for_on_this_machine_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for endpoint in ("https://sqs.us-east-1.amazonaws.com", "http://10.0.0.1:5000", "nonsense", ""):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        assert main(["janitor", "--yes"]) == 2
        assert "those live on this machine" in capsys.readouterr().err


@pytest.mark.usefixtures("account")
def test_without_an_emulated_account_kept_files_are_looked_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    assert main(["janitor"]) == 0
    assert "only what runs kept on this machine" in capsys.readouterr().err
    file = tmp_path / "cache/states" / f"{OLD.state_key.replace('/', '.')}.20200101T000000"
    file.parent.mkdir(parents=True)
    file.touch()
    os.utime(file, (0, 0))
    assert printed(capsys, code=1)["expired"][0]["kind"] == "file"
    printed(capsys, "--yes", code=0)
    assert not file.exists()
