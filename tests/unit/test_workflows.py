"""What the workflows of the build server are allowed to do, and that every command in them is one that there is.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from stackproof import cli

TOP = Path(__file__).parents[2]
FILES = sorted(TOP.glob(".github/workflows/*.yml"))
NIGHTLY = TOP / ".github/workflows/integration-nightly.yml"

Mapping = dict[str, Any]

WRITES = {
    "gate": set(),
    "policies": {"security-events"},
    "emulated": set(),
    "real": {"id-token"},
    "smoke": {"id-token"},
}
"""What a job may write, by its name; none may more than read anything else."""


def read(file: Path) -> Mapping:
    workflow: Mapping = yaml.safe_load(file.read_text(encoding="utf-8"))
    return workflow


def triggers(file: Path) -> set[str]:
    # YAML 1.1 takes the key `on` for a boolean
    workflow: dict[Any, Any] = read(file)
    return set(workflow[True])


def jobs(file: Path) -> Mapping:
    found: Mapping = read(file)["jobs"]
    return found


def steps(file: Path) -> Iterator[Mapping]:
    for job in jobs(file).values():
        yield from job["steps"]


def commands(file: Path) -> Iterator[list[str]]:
    """The words of every command, without what a shell makes of them."""
    for step in steps(file):
        for line in step.get("run", "").splitlines():
            yield shlex.split(line.split(" > ")[0])


@pytest.fixture(scope="module")
def real() -> Mapping:
    job: Mapping = jobs(NIGHTLY)["real"]
    return job


def test_there_is_a_workflow_for_pull_requests_for_the_night_and_for_what_was_deployed() -> None:
    assert [file.name for file in FILES] == ["integration-nightly.yml", "plan.yml", "smoke.yml"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_job_may_no_more_than_it_needs(file: Path) -> None:
    assert read(file)["permissions"] == {}
    for name, job in jobs(file).items():
        granted = job["permissions"]
        assert {what for what, how in granted.items() if how == "write"} == WRITES[name]
        assert {what for what, how in granted.items() if how != "write"} == {"contents"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_action_is_pinned_to_a_commit(file: Path) -> None:
    used = re.findall(r"uses:\s*(\S+)(.*)", file.read_text(encoding="utf-8"))
    assert used
    for action, comment in used:
        assert re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40}", action)
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment)


def test_an_action_has_one_version_everywhere() -> None:
    used = {step["uses"] for file in FILES for step in steps(file) if "uses" in step}
    assert len({action.split("@")[0] for action in used}) == len(used)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_expression_is_pasted_into_a_script(file: Path) -> None:
    assert not [step["run"] for step in steps(file) if "${{" in step.get("run", "")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_token_stays_in_a_checkout(file: Path) -> None:
    for step in steps(file):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_job_runs_for_ever(file: Path) -> None:
    assert all(0 < job["timeout-minutes"] <= 120 for job in jobs(file).values())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_workflow_runs_a_strangers_code_with_this_repositorys_rights(file: Path) -> None:
    assert "pull_request_target" not in triggers(file)
    assert "secrets." not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_target_of_make_is_in_the_makefile(file: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (TOP / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    made = [
        word
        for words in commands(file)
        if words[0] == "make"
        for word in words[1:]
        if not word.startswith("-") and "=" not in word
    ]
    assert set(made) <= targets


def test_every_script_that_is_named_is_there() -> None:
    named = {words[0] for file in FILES for words in commands(file) if words[0].startswith("scripts/")}
    assert named == {"scripts/run-smoke.sh"}
    assert all(os.access(TOP / script, os.X_OK) for script in named)


def test_every_option_of_pytest_is_one_that_it_has() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "pytest", "--help"], cwd=TOP, capture_output=True, text=True, check=True
    ).stdout
    known = set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", shown))
    given = {
        word.split("=")[0]
        for file in FILES
        for words in commands(file)
        for word in (words if words[0].endswith("pytest") else _options_for_pytest(words))
        if word.startswith("-")
    }
    assert {"--sandbox-account", "--junit-xml", "--record"} <= given
    assert given <= known


def _options_for_pytest(words: list[str]) -> list[str]:
    given = [word.removeprefix("OPTIONS=") for word in words if word.startswith("OPTIONS=")]
    return [part for options in given for part in shlex.split(options)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_test_that_is_named_is_there(file: Path) -> None:
    for words in commands(file):
        for word in words:
            if word.startswith("tests/"):
                assert (TOP / word).exists()


def test_every_command_of_stackproof_is_one_that_it_has() -> None:
    parsed = [
        cli._parser().parse_args(words[1:])
        for file in FILES
        for words in commands(file)
        if words[0].endswith("stackproof")
    ]
    assert [(one.sandbox, one.yes) for one in parsed] == [("real", True)]


def test_findings_are_uploaded_where_there_are_some_and_the_token_may() -> None:
    *_, judge, upload = jobs(TOP / ".github/workflows/plan.yml")["policies"]["steps"]
    assert "FORMAT=sarif" in judge["run"]
    assert upload["with"]["sarif_file"] == judge["run"].split(" > ")[1]
    assert upload["if"].startswith("always() &&")
    assert "head.repo.full_name == github.repository" in upload["if"]


def test_the_nights_run_one_after_another_and_none_is_cancelled() -> None:
    workflow = read(NIGHTLY)
    assert workflow["concurrency"] == {"group": "integration-nightly", "cancel-in-progress": False}
    assert triggers(NIGHTLY) == {"schedule", "workflow_dispatch"}


def test_a_real_account_is_used_only_where_the_repository_names_one_and_a_role(real: Mapping) -> None:
    assert real["if"] == "vars.SANDBOX_ACCOUNT != '' && vars.SANDBOX_ROLE != ''"
    assert "if" not in jobs(NIGHTLY)["emulated"]


def test_the_role_is_assumed_for_the_named_account_only(real: Mapping) -> None:
    assumed = [step["with"] for step in real["steps"] if "configure-aws-credentials" in step.get("uses", "")]
    assert len(assumed) == 2
    for one in assumed:
        assert one["role-to-assume"] == "${{ vars.SANDBOX_ROLE }}"
        assert one["allowed-account-ids"] == "${{ vars.SANDBOX_ACCOUNT }}"
        assert not {"aws-access-key-id", "aws-secret-access-key"} & set(one)


def test_the_janitor_runs_whatever_happened_with_credentials_and_time_of_its_own(real: Mapping) -> None:
    numbers = {step["name"]: number for number, step in enumerate(real["steps"]) if "name" in step}
    janitor = real["steps"][numbers["Remove what expired runs left"]]
    assert "janitor" in janitor["run"]
    assert janitor["if"] == "always()"
    again = real["steps"][numbers["Assume the role again"]]
    assert again["if"] == "always()"
    assert numbers["Apply, change, tamper and destroy"] < numbers["Assume the role again"]
    assert numbers["Assume the role again"] < numbers["Remove what expired runs left"]
    together = sum(step["timeout-minutes"] for step in real["steps"] if "timeout-minutes" in step)
    assert together < real["timeout-minutes"]


def test_one_stack_at_a_time_is_tried_in_the_real_account(real: Mapping) -> None:
    (tests,) = [step["run"] for step in real["steps"] if "pytest" in step.get("run", "")]
    assert [word for word in tests.split() if word.startswith("tests/")] == ["tests/integration/test_lifecycle.py"]
    assert "--environment dev " in tests


def test_credentials_outlive_the_tests_that_use_them(real: Mapping) -> None:
    (tests,) = [step for step in real["steps"] if "pytest" in step.get("run", "")]
    # an assumed role lasts for an hour where nobody says otherwise
    assert tests["timeout-minutes"] < 60


@pytest.mark.parametrize("name", ["emulated", "real"])
def test_reports_are_kept_whatever_happened(name: str) -> None:
    *_, kept = jobs(NIGHTLY)[name]["steps"]
    assert kept["uses"].startswith("actions/upload-artifact@")
    assert kept["if"] == "always()"
    # so that git knows nothing of them, and `make clean` removes them
    assert kept["with"]["path"].startswith("build/")
    given = " ".join(" ".join(words) for words in commands(NIGHTLY))
    written = re.findall(r"--(?:junit-xml|record)=(\S+)", given)
    assert len(written) == 4
    assert all(path.startswith(f"{kept['with']['path']}/") for path in written)


def test_this_repository_allows_no_account_and_limits_what_may_be_made() -> None:
    from stackproof.settings import load_settings

    sandbox = load_settings(TOP / "pyproject.toml").sandbox
    assert sandbox.allowed_accounts == ()
    assert sandbox.prefix_variable == "project"
    assert "aws_*" not in sandbox.budget.types
    assert jobs(NIGHTLY)["real"]["env"]["AWS_REGION"] in sandbox.regions
