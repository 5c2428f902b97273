"""A stack tried in a real account, played by moto: what is made, how that is marked, and what is refused before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.emulated.contents import Contents
from stackproof.sandbox.proxy.faults import Fault, Faults, Kind
from stackproof.sandbox.proxy.proxy import Proxy

from .nested import ALLOWED, REAL, REAL_ID, Ended, Nested, nested_project

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

BUCKET = f"stackproof-state-{REAL_ID}-us-east-1"
BUDGET = """
[tool.stackproof.sandbox.budget]
max_resources = 3
types = ["aws_iam_role", "aws_s3_bucket", "aws_cloudwatch_*"]
"""
MADE_OF = ("dynamodb", "iam", "logs", "s3")
PROD = """
[tool.stackproof.stacks.tiny.environments.prod]
"""

LOOKING = f"""
import json
import pathlib

import pytest

from stackproof.errors import SandboxError


def test_what_is_there(trial):
    resources = trial.deployment.state()["resources"]
    attributes = {{one["type"]: one["instances"][0]["attributes"] for one in resources}}
    kept = trial.client("s3").list_objects_v2(Bucket="{BUCKET}", Prefix="runs/" + trial.run.id)
    found = {{
        "run": trial.run.id,
        "names": [one.get("name") or one["bucket"] for one in attributes.values()],
        "tags": {{kind: one["tags_all"] for kind, one in attributes.items()}},
        "kept": [one["Key"] for one in kept["Contents"]],
    }}
    pathlib.Path("found." + trial.environment.name).write_text(json.dumps(found))


def test_more_than_may_be_is_not_applied_either_when_it_comes_later(trial):
    with pytest.raises(SandboxError, match="4 resources are planned, and 3 are allowed"):
        trial.apply({{"groups": 2}})
    trial.require_no_changes()
"""


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as server:
        server.check()
        yield server


@pytest.fixture
def account(server: EmulatedAccount) -> EmulatedAccount:
    """An account that holds nothing."""
    server.reset()
    return server


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nested]:
    with nested_project(tmp_path_factory.mktemp("real") / "project") as project:
        yield project


def held(account: EmulatedAccount) -> Contents:
    """What was made in the account, without what every account comes with."""
    return {service: kinds for service, kinds in account.data().items() if service in MADE_OF}


@dataclass(frozen=True)
class Lived:
    """What came of two environments that were tried in one account at once."""

    ended: Ended
    found: Mapping[str, Any]
    left: Contents


@pytest.fixture(scope="module")
def lived(server: EmulatedAccount, project: Nested) -> Lived:
    server.reset()
    project.settings(PROD + ALLOWED + BUDGET)
    project.write("test_looking.py", LOOKING)
    ended = project.pytest("test_looking.py", "test_tiny.py", *REAL, **server.environment())
    names = ("dev", "prod")
    files = {name: project.folder / f"found.{name}" for name in names}
    found = {name: json.loads(file.read_text()) for name, file in files.items() if file.exists()}
    return Lived(ended, found, held(server))


def test_a_stack_lives_and_ends_in_a_real_account(lived: Lived) -> None:
    assert lived.ended.code == 0, lived.ended.said
    assert "8 passed" in lived.ended.said


def test_environments_in_one_account_do_not_meet(lived: Lived) -> None:
    dev, prod = (lived.found[name] for name in ("dev", "prod"))
    assert dev["run"] != prod["run"]
    assert not set(dev["names"]) & set(prod["names"])


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_names_begin_with_what_no_other_run_has(lived: Lived, environment: str) -> None:
    found = lived.found[environment]
    assert len(found["names"]) == 3
    assert all(name.strip("/").startswith(f"ci-{found['run']}-") for name in found["names"])


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_everything_is_tagged_with_its_run_and_when_that_expires(lived: Lived, environment: str) -> None:
    found = lived.found[environment]
    assert sorted(found["tags"]) == ["aws_cloudwatch_log_group", "aws_iam_role", "aws_s3_bucket"]
    for tags in found["tags"].values():
        assert tags["stackproof_run"] == found["run"]
        assert tags["stackproof_stack"] == f"tiny/{environment}"
        assert tags["stackproof_expires"].endswith("Z")


def test_record_and_state_are_there_while_it_lives_and_gone_with_it(lived: Lived, server: EmulatedAccount) -> None:
    for environment, found in lived.found.items():
        run = found["run"]
        assert found["kept"] == [f"runs/{run}.json", f"runs/{run}/tiny/{environment}.tfstate"]
    versions = Clients(server)("s3").list_object_versions(Bucket=BUCKET)
    assert [*versions.get("Versions", ()), *versions.get("DeleteMarkers", ())] == []
    assert Clients(server)("dynamodb").scan(TableName="stackproof-locks")["Items"] == []


def test_nothing_else_is_left(lived: Lived) -> None:
    assert lived.left == {
        "dynamodb": {"tables": {"stackproof-locks": ""}},
        "s3": {"buckets": {BUCKET: ""}},
    }


def refused(project: Nested, account: EmulatedAccount, *words: str, **environment: str) -> str:
    """The one line with which a run is refused before it has begun and anything was written."""
    before = held(account)
    ended = project.pytest(*(words or REAL), **environment)
    assert ended.code == pytest.ExitCode.USAGE_ERROR, ended.said
    assert "Traceback" not in ended.said
    assert held(account) == before == {}
    return ended.line("ERROR: ")


NOWHERE = ("--sandbox", "real", "--sandbox-account", "111122223333")
PREFIX = 'prefix_variable = "prefix"\n'


@pytest.mark.parametrize(
    ("settings", "words", "variables", "said"),
    [
        (ALLOWED.replace(REAL_ID, "111122223333"), NOWHERE, {}, f"those of account {REAL_ID}, not of 111122223333"),
        (ALLOWED, NOWHERE, {}, "account 111122223333 is not allowed"),
        (ALLOWED + f'denied_accounts = ["{REAL_ID}"]\n', REAL, {}, f"account {REAL_ID} is denied"),
        (ALLOWED, REAL, {"AWS_REGION": "eu-west-3"}, "region eu-west-3 is not allowed"),
        (ALLOWED, REAL, {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "no credentials that can be used"),
        (ALLOWED, REAL, {"AWS_PROFILE": "nosuch"}, "The config profile (nosuch) could not be found"),
        (ALLOWED.replace(PREFIX, ""), REAL, {}, "no variable is named that tells the names of one run"),
        (ALLOWED.replace(PREFIX, 'prefix_variable = "name"\n'), REAL, {}, "the root module has no variable 'name'"),
        (ALLOWED, (*REAL, "-n2"), {}, "a real account is used by one process"),
        (ALLOWED, REAL[:2], {}, "a real account is used only where both are said"),
        (ALLOWED, REAL[2:], {}, "a real account is used only where both are said"),
    ],
    ids=[
        "another account",
        "not allowed",
        "denied",
        "forbidden region",
        "no credentials",
        "no such profile",
        "no prefix variable",
        "undeclared prefix variable",
        "several processes",
        "no account",
        "no sandbox",
    ],
)
def test_what_does_not_fit_is_refused_in_one_line_before_anything_is_written(
    project: Nested,
    account: EmulatedAccount,
    settings: str,
    words: tuple[str, ...],
    variables: Mapping[str, str],
    said: str,
) -> None:
    project.settings(settings + BUDGET)
    assert said in refused(project, account, "test_tiny.py", *words, **{**account.environment(), **variables})


def test_expired_credentials_are_refused_before_anything_is_written(project: Nested, account: EmulatedAccount) -> None:
    project.settings(ALLOWED + BUDGET)
    expired = Faults([Fault(Kind.EXPIRED, count=None)])
    with Proxy(account, interceptors=[expired]) as proxy:
        said = refused(project, account, "test_tiny.py", *REAL, **proxy.environment())
    assert "the credentials have expired" in said
    assert "nothing was written" in said


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        (BUDGET.replace("= 3", "= 2"), "3 resources are planned, and 2 are allowed"),
        (BUDGET.replace('"aws_s3_bucket", ', ""), "1 planned resource is not of an allowed type: aws_s3_bucket.data"),
    ],
    ids=["too many", "of another type"],
)
def test_a_plan_beyond_the_budget_is_refused_before_anything_is_written(
    project: Nested, account: EmulatedAccount, budget: str, said: str
) -> None:
    project.settings(ALLOWED + budget)
    ended = project.pytest("test_tiny.py", *REAL, **account.environment())
    assert ended.code == pytest.ExitCode.TESTS_FAILED
    assert said in ended.line("[tool.stackproof.sandbox.budget]")
    assert "Traceback" not in ended.said
    assert held(account) == {}
