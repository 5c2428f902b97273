"""checkov itself, given the folder of rules, comes to the same verdicts: on HCL, and on a plan."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from stackproof.plan import load_plan
from stackproof.policy.facts import Facts
from stackproof.policy.judging import judge
from stackproof.policy.rule import Rule
from stackproof.verdict import Verdict

from .conftest import Read
from .examples import DECLARED, POLICIES

Failed = set[tuple[str, str]]


def failed_by_checkov(*words: str, rules: Mapping[str, Rule]) -> Failed:
    """Rule and address of what fails, as checkov's own command says."""
    command = [str(Path(sys.executable).with_name("checkov")), *words, "--external-checks-dir", str(POLICIES)]
    options = ["--check", ",".join(rules), "--output", "json", "--quiet", "--compact", "--soft-fail", "--skip-download"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True, timeout=300)
    assert "Cannot load external check" not in done.stderr
    (results,) = [found["results"] for found in _reports(done.stdout)]
    for found in results["failed_checks"]:
        about = rules[found["check_id"]].about
        assert (found["check_name"], found["severity"], found["guideline"]) == (
            about.title,
            about.severity.upper(),
            about.source,
        )
    return {(found["check_id"], found["resource"]) for found in results["failed_checks"]}


def _reports(text: str) -> list[Mapping[str, Mapping[str, list[Mapping[str, str]]]]]:
    data = json.loads(text)
    return data if isinstance(data, list) else [data]


def failed(facts: Facts, rules: Mapping[str, Rule]) -> Failed:
    """The same as our own rules say."""
    asked = [rule for rule in rules.values() if not DECLARED.issuperset(rule.about.types)]
    found = [judgement for rule in asked for judgement in judge(rule, facts)]
    return {(one.rule.id, one.address) for one in found if one.verdict is Verdict.FAIL}


def test_checkov_says_the_same_of_hcl(root: Path, read_by_checkov: Read, rules: Mapping[str, Rule]) -> None:
    theirs = failed_by_checkov("--directory", str(root), "--framework", "terraform", rules=rules)
    assert theirs == failed(read_by_checkov.facts, rules) != set()


@pytest.mark.usefixtures("planned")
def test_checkov_says_the_same_of_a_plan(
    plan_file: Path, rules: Mapping[str, Rule], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(plan_file.parent)  # where no settings change options
    theirs = failed_by_checkov("--file", plan_file.name, "--framework", "terraform_plan", rules=rules)
    assert theirs == failed(Facts(load_plan(plan_file).resolved), rules) != set()
