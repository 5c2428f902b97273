"""`stackproof drift` as a scheduled job meets it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stackproof.analysis.drift import Difference, Drift, Kind
from stackproof.analysis.drift.ignoring import consider
from stackproof.errors import PlanError
from stackproof.plan.change import Action
from stackproof.plan.paths import parse_path
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.terraform.configuration import write_cli_configuration
from stackproof.terraform.locate import Cli

if TYPE_CHECKING:
    from tests.unit.conftest import Project, Ran

SETTINGS = """
[tool.stackproof.stacks.deployed]
folder = "deployed"

[tool.stackproof.stacks.deployed.environments.live]
backend_config = ["live.s3.tfbackend"]
variables = { text = "as applied" }

[tool.stackproof.stacks.deployed.environments.new]
backend_config = ["new.s3.tfbackend"]
variables = { text = "as applied" }
"""
HANGS_SECONDS = 120


@dataclass(frozen=True)
class Job:
    """A project whose environment `live` is applied and `new` is not, and the account that it is applied to."""

    project: Project
    account: EmulatedAccount

    def put(self, value: str) -> None:
        """Give the parameter a value behind Terraform's back."""
        Clients(self.account)("ssm").put_parameter(Name="/deployed", Value=value, Type="String", Overwrite=True)

    def drift(self, *words: str) -> Ran:
        return self.project.stackproof("drift", *words, **self.account.environment())


@pytest.fixture(scope="module")
def job(any_cli: Cli, aws_mirror: Path, new_project: Callable[[], Project]) -> Iterator[Job]:
    with EmulatedAccount() as account:
        account.check()
        project = new_project()
        folder = project.stack("deployed")
        project.settings(SETTINGS)
        project.write(
            "deployed/new.s3.tfbackend", 'bucket = "deployed-state"\nkey = "new.tfstate"\nregion = "us-east-1"\n'
        )
        Clients(account)("s3").create_bucket(Bucket="deployed-state")
        write_cli_configuration(project.folder / "terraform.rc", [aws_mirror], registry=False)
        environment = {
            **project.environment(),
            "TF_CLI_CONFIG_FILE": str(project.folder / "terraform.rc"),
            "TF_DATA_DIR": str(project.folder / "data"),
            **account.environment(),
        }
        backend = "-backend-config=live.s3.tfbackend"
        for words in (
            ["init", "-input=false", backend],
            ["apply", "-input=false", "-auto-approve", "-var=text=as applied"],
        ):
            subprocess.run(
                [*any_cli.argv, *words], cwd=folder, env=environment, check=True, capture_output=True,
                timeout=HANGS_SECONDS,
            )  # fmt: skip
        yield Job(project, account)


def test_what_is_as_it_was_applied_is_good(job: Job) -> None:
    job.put("as applied")
    ran = job.drift("--environment", "live", "--ignore", "*.version")
    assert (ran.code, ran.lines) == (0, ["live: no drift in 1 resources, 1 ignored"])


def test_drift_is_named_with_its_place_and_fails_the_job(job: Job) -> None:
    job.put("meddled with")
    ran = job.drift("--environment", "live")
    assert ran.code == 1, ran.err
    assert ran.lines[0] == "live: 1 of 1 resources drifted"
    assert ran.line('insecure_value was "as applied", is "meddled with"', "deployed/main.tf:")
    assert "Traceback" not in ran.err


def test_the_report_for_programs_says_the_same(job: Job) -> None:
    job.put("meddled with")
    ran = job.drift("--environment", "live", "--format", "json")
    assert ran.code == 1
    report = json.loads(ran.out)
    assert report["version"] == 1
    (drift,) = report["environments"]["live"]["drift"]
    assert (drift["address"], drift["kind"], drift["action"]) == (
        "aws_ssm_parameter.this", "changed outside", "update",
    )  # fmt: skip
    (difference,) = (found for found in drift["differences"] if found["path"] == "insecure_value")
    assert (difference["before"], difference["after"], difference["undone"]) == ("as applied", "meddled with", True)


def test_what_was_never_applied_has_not_drifted_and_is_no_success(job: Job) -> None:
    ran = job.drift("--environment", "new")
    assert (ran.code, ran.out) == (2, "")
    assert "stackproof: new: nothing is recorded as applied" in ran.err


def test_one_environment_that_cannot_be_asked_hides_no_other(job: Job) -> None:
    job.put("meddled with")
    ran = job.drift()
    assert ran.code == 2
    assert ran.line("live: 1 of 1 resources drifted")
    assert "new: nothing is recorded as applied" in ran.err


def planned(project: Project, **change: Any) -> str:
    entry = {"address": "aws_x.y", "mode": "managed", "type": "aws_x", "name": "y"}
    same = {"actions": ["no-op"], "before": change["after"], "after": change["after"]}
    document: Mapping[str, Any] = {
        "format_version": "1.2",
        "resource_drift": [{**entry, "change": {"actions": ["update"], **change}}],
        "resource_changes": [{**entry, "change": {**same, "after_sensitive": change.get("after_sensitive", {})}}],
    }
    project.write("live.json", json.dumps(document))
    return "live.json"


def test_a_plan_that_an_earlier_step_made_is_read(project: Project) -> None:
    ran = project.stackproof("drift", "--plan-json", planned(project, before={"x": 1}, after={"x": 2}))
    assert ran.code == 1
    assert ran.line("aws_x.y: x was changed outside Terraform; the next apply leaves it as it is")


def test_secrets_are_told_by_neither_report(project: Project) -> None:
    file = planned(
        project, before={"x": "old-secret"}, after={"x": "new-secret"},
        before_sensitive={"x": True}, after_sensitive={"x": True},
    )  # fmt: skip
    for words in ((), ("--format", "json")):
        ran = project.stackproof("drift", "--plan-json", file, *words)
        assert ran.code == 1
        assert "(sensitive value)" in ran.out
        assert "secret" not in (ran.out + ran.err)


def test_a_pattern_that_matches_nothing_is_told(project: Project) -> None:
    file = planned(project, before={"x": 1}, after={"x": 2})
    ran = project.stackproof("drift", "--plan-json", file, "--ignore", "aws_other.*", "--ignore", "aws_x.y.x")
    assert (ran.code, ran.lines) == (0, ["live: no drift in 1 resources, 1 ignored"])
    assert ran.err == "stackproof: --ignore aws_other.* matched nothing\n"


@dataclass(frozen=True)
class Expected:
    patterns: tuple[str, ...]
    left: tuple[str, ...]
    idle: tuple[str, ...] = field(default=())


@pytest.mark.parametrize(
    "expected",
    [
        Expected((), ("a.b", "tags.x", "size")),
        Expected(("a.*",), ()),
        Expected(("a.b",), ()),
        Expected(("a.b.size",), ("a.b", "tags.x")),
        Expected(("a.b.tags",), ("a.b", "size")),
        Expected(("*.tags", "*.size"), ()),
        # neither a part of a name nor a part of an address is meant
        Expected(("a.b.si", "a"), ("a.b", "tags.x", "size"), ("a.b.si", "a")),
        Expected(("a.c",), ("a.b", "tags.x", "size"), ("a.c",)),
    ],
)
def test_what_is_expected_is_set_aside(expected: Expected) -> None:
    differences = tuple(Difference(parse_path(path), 1, 2) for path in ("tags.x", "size"))
    considered = consider([Drift("a.b", Kind.CHANGED, Action.NO_OP, differences)], expected.patterns)
    left = [part for drift in considered.drift for part in (drift.address, *(one.path for one in drift.differences))]
    assert (tuple(left), considered.idle) == (expected.left, expected.idle)


def test_an_address_with_an_index_is_meant_as_it_is_written() -> None:
    drift = Drift('a.b["x"]', Kind.DELETED, Action.CREATE)
    assert consider([drift], ['a.b["x"]']).drift == ()
    assert consider([drift], ['a.b["y"]']).drift == (drift,)


def test_an_empty_pattern_is_refused() -> None:
    with pytest.raises(PlanError, match="is empty"):
        consider([], [" "])
