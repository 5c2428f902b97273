"""Rules as tests of pytest: one for each rule and plan, with exceptions, and problems that fail the run."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import BODY, RULE
from .planned import Planned, plan_of

TEST = "def test_policy_is_kept(policy):\n    policy.require()\n"
NAMELESS = Planned("aws_s3_bucket.a", {"bucket": None})
NAMED = Planned("aws_s3_bucket.b", {"bucket": "b"})
UNTOLD = Planned("aws_s3_bucket.c", refers={"bucket": ["var.name"]})

EXCEPTION = """
[[exception]]
rule = "T_001"
address = "aws_s3_bucket.a"
reason = "It is made up."
owner = "me"
expires = 2999-01-01
"""


@pytest.fixture
def gate(project: Any) -> Callable[..., Any]:
    """Run the rules T_001 and T_002 as tests on plans of these resources; T_002 cannot be broken."""
    indented = "\n".join(f"        {line}" for line in BODY.strip().splitlines())
    project.write("rules/t_001.py", RULE.format(id="T_001", severity="HIGH", body=indented))
    project.write("rules/t_002.py", RULE.format(id="T_002", severity="HIGH", body="        pass"))
    project.write("tests/test_policies.py", TEST)

    def run(*words: str, exceptions: str | None = None, **plans: Any) -> Any:
        written = ""
        if exceptions is not None:
            project.write("exceptions.toml", exceptions)
            written = 'exceptions = "exceptions.toml"\n'
        project.settings(f'[tool.stackproof.policy]\nfolders = ["rules"]\n{written}')
        for name, resources in plans.items():
            document = plan_of(*resources, environment=name).document
            project.write(f"{name}.json", json.dumps(document))
        files = [word for name in plans for word in ("--plan-json", f"{name}.json")]
        return project.pytest(*files, *words)

    return run


def test_each_rule_is_a_test_of_each_plan(gate: Callable[..., Any]) -> None:
    ran = gate("-v", dev=[NAMED], prod=[NAMED, NAMELESS])
    assert ran.code == pytest.ExitCode.TESTS_FAILED
    for passed in ("[dev-T_001] PASSED", "[dev-T_002] PASSED", "[prod-T_002] PASSED", "[prod-T_001] FAILED"):
        assert passed in ran.out
    told = ("T_001 high: Buckets have a name", "aws_s3_bucket.a: bucket: there is none", "remedy: give each a name")
    for line in told:
        assert line in ran.out
    assert "2 rules judged 6 times: 1 findings, 0 undecided, 0 excepted" in ran.out


def test_rules_can_be_chosen_like_tests(gate: Callable[..., Any]) -> None:
    ran = gate("-k", "T_002", dev=[NAMELESS])
    assert ran.code == pytest.ExitCode.OK
    assert "1 passed, 1 deselected" in ran.out


def test_what_is_undecided_fails_under_its_own_name(gate: Callable[..., Any]) -> None:
    ran = gate("-v", dev=[UNTOLD])
    assert ran.code == pytest.ExitCode.TESTS_FAILED
    assert "[dev-T_001] UNDECIDED" in ran.out
    assert "T_001: " in ran.out


def test_exceptions_in_force_are_listed(gate: Callable[..., Any]) -> None:
    ran = gate(exceptions=EXCEPTION, dev=[NAMELESS])
    assert ran.code == pytest.ExitCode.OK
    assert "excepted until 2999-01-01: T_001 at aws_s3_bucket.a [dev]: It is made up." in ran.out


def test_an_exception_that_nothing_needs_fails_the_whole_run_only(gate: Callable[..., Any]) -> None:
    ran = gate(exceptions=EXCEPTION, dev=[NAMED])
    assert ran.code == pytest.ExitCode.TESTS_FAILED
    assert "ERROR: " in ran.out
    assert "remove the exception" in ran.out
    assert gate("-k", "T_002", exceptions=EXCEPTION, dev=[NAMED]).code == pytest.ExitCode.OK


def test_an_exception_without_a_reason_ends_the_run(gate: Callable[..., Any]) -> None:
    ran = gate(exceptions=EXCEPTION.replace('reason = "It is made up."\n', ""), dev=[NAMED])
    assert ran.code == pytest.ExitCode.INTERRUPTED
    assert "has no reason" in ran.out + ran.err
    assert "Traceback" not in ran.out + ran.err


def test_a_file_that_is_no_rule_fails_the_run_and_the_others_are_asked(gate: Callable[..., Any], project: Any) -> None:
    project.write("rules/broken.py", "def judge(:\n")
    ran = gate(dev=[NAMED])
    assert ran.code == pytest.ExitCode.TESTS_FAILED
    assert "broken.py: cannot be read" in ran.out
    assert "2 passed" in ran.out


def test_without_rules_the_run_says_how_to_declare_them(project: Any) -> None:
    project.settings("")
    project.write("tests/test_policies.py", TEST)
    project.write("dev.json", json.dumps(plan_of(NAMED).document))
    ran = project.pytest("--plan-json", "dev.json")
    assert ran.code == pytest.ExitCode.INTERRUPTED
    assert "[tool.stackproof.policy]" in ran.out + ran.err


def test_workers_judge_as_one_process_does(gate: Callable[..., Any]) -> None:
    ran = gate("-n", "2", exceptions=EXCEPTION, dev=[NAMED, NAMELESS], prod=[NAMED])
    assert ran.code == pytest.ExitCode.OK
    assert "4 passed" in ran.out


def test_collecting_imports_neither_checkov_nor_rules(gate: Callable[..., Any], project: Any) -> None:
    # a rule that ends the process as soon as it is imported
    project.write("rules/t_003.py", "import os\nos._exit(3)\nAbout(id='T_003')\n")
    ran = gate("--collect-only", "-q", dev=[NAMED])
    assert ran.code == pytest.ExitCode.OK
    assert "test_policy_is_kept[dev-T_003]" in ran.out
