"""What rules found is kept for stacks that have not changed, and for nothing else."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from stackproof.plan import ResolvedStack
from stackproof.plan.source import Sources
from stackproof.policy.kept import KeptFindings
from stackproof.policy.review import Outcome, Reviewer
from stackproof.settings import Environment, Policy

from .conftest import BODY, WriteRule
from .planned import Planned, plan_of

NAMELESS = Planned("aws_s3_bucket.a", {"bucket": None})


def stack(folder: Path, key: str = "key") -> ResolvedStack:
    made = plan_of(NAMELESS).resolved
    made.key = key
    made.sources = Sources(folder, {"": "."})
    for resource in made:
        resource._sources = made.sources
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "main.tf").write_text('resource "aws_s3_bucket" "a" {\n  bucket = null\n}\n', encoding="utf-8")
    return tmp_path


def judged(settings: Policy, made: ResolvedStack, cache: Path) -> tuple[Outcome, bool]:
    """What a new process would come to, and whether it loaded the rule for that."""
    kept = KeptFindings(cache, settings)
    reviewer = Reviewer(settings, kept=kept)
    outcome = reviewer.judge("T_001", made)
    kept.write()
    return outcome, bool(reviewer._judges)


def told(outcome: Outcome) -> list[str]:
    return [finding.shown() for finding in outcome.findings]


def test_what_was_found_is_not_looked_for_again(rules: Policy, folder: Path) -> None:
    first, was_loaded = judged(rules, stack(folder), folder / "cache")
    second, is_loaded = judged(rules, stack(folder), folder / "cache")
    assert (was_loaded, is_loaded) == (True, False)
    assert told(first) == told(second) != []
    assert "main.tf:2" in told(second)[0]
    assert (first.judged, first.verdict) == (second.judged, second.verdict)


def test_other_stacks_settings_and_rules_are_judged_anew(rules: Policy, folder: Path, write_rule: WriteRule) -> None:
    cache = folder / "cache"
    judged(rules, stack(folder), cache)
    assert judged(rules, stack(folder, key="other"), cache)[1]
    assert judged(replace(rules, options={"T_001": {"forbidden": "x"}}), stack(folder), cache)[1]
    write_rule(body=BODY.replace("there is none", "there is no name"))
    found, is_loaded = judged(rules, stack(folder), cache)
    assert is_loaded
    assert "there is no name" in told(found)[0]


def test_a_rule_that_was_touched_is_asked_again(rules: Policy, folder: Path) -> None:
    judged(rules, stack(folder), folder / "cache")
    os.utime(folder / "rules/t_001.py", ns=(1, 1))
    assert judged(rules, stack(folder), folder / "cache")[1]


def test_a_stack_without_a_key_is_not_kept(rules: Policy, folder: Path) -> None:
    judged(rules, stack(folder, key=""), folder / "cache")
    assert judged(rules, stack(folder, key=""), folder / "cache")[1]


def test_a_backend_is_a_part_of_what_was_judged(rules: Policy, folder: Path) -> None:
    backend = folder / "dev.s3.tfbackend"
    environments = {"dev": Environment("dev", backend_config=(backend,))}

    def was_loaded(text: str) -> bool:
        backend.write_text(text, encoding="utf-8")
        kept = KeptFindings(folder / "cache", rules)
        reviewer = Reviewer(rules, environments=environments, kept=kept)
        reviewer.judge("T_001", stack(folder))
        kept.write()
        return bool(reviewer._judges)

    assert [was_loaded(text) for text in ("encrypt = true", "encrypt = true", "encrypt = false")] == [True, False, True]


def test_errors_of_a_rule_are_not_kept(rules: Policy, folder: Path, write_rule: WriteRule) -> None:
    write_rule(body="1 / 0")
    judged(rules, stack(folder), folder / "cache")
    assert judged(rules, stack(folder), folder / "cache")[1]


def test_what_is_damaged_is_looked_for_again(rules: Policy, folder: Path) -> None:
    judged(rules, stack(folder), folder / "cache")
    for file in (folder / "cache").iterdir():
        if file.is_file():
            file.write_bytes(file.read_bytes()[:-3])
    found, is_loaded = judged(rules, stack(folder), folder / "cache")
    assert is_loaded
    assert told(found)


def test_exceptions_are_looked_at_every_time(rules: Policy, folder: Path) -> None:
    judged(rules, stack(folder), folder / "cache")
    text = 'resource "aws_s3_bucket" "a" {\n  bucket = null # checkov:skip=T_001:made up\n}\n'
    (folder / "main.tf").write_text(text, encoding="utf-8")
    found, is_loaded = judged(rules, stack(folder), folder / "cache")
    assert not is_loaded
    assert not found.findings
    assert [exemption.reason for _, exemption in found.excepted] == ["made up"]
