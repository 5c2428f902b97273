"""Exceptions: what they cover, when they end, and what is wrong with one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from stackproof.errors import PolicyError
from stackproof.policy.about import About, Severity
from stackproof.policy.exceptions import Exemption, problems, read_exceptions
from stackproof.policy.finding import Finding
from stackproof.verdict import Verdict

ABOUT = About("T_001", "title", Severity.LOW, "why", "remedy", "https://example.com")
FINDING = Finding(ABOUT, Verdict.FAIL, 'module.a["x"].aws_s3_bucket.b[0]', "message")
TODAY = dt.date(2026, 6, 1)

GOOD = """
[[exception]]
rule = "T_001"
address = "aws_s3_bucket.a"
environments = ["dev"]
reason = "It is empty."
owner = "platform"
expires = 2026-06-01
"""


def read(tmp_path: Path, text: str) -> tuple[Exemption, ...]:
    file = tmp_path / "exceptions.toml"
    file.write_text(text, encoding="utf-8")
    return read_exceptions(file)


def test_an_exception_holds_until_its_last_day(tmp_path: Path) -> None:
    (found,) = read(tmp_path, GOOD)
    assert (found.rule, found.address, found.environments) == ("T_001", "aws_s3_bucket.a", ("dev",))
    assert (found.reason, found.owner, found.expires) == ("It is empty.", "platform", TODAY)
    assert "exceptions.toml, exception 1" in found.where
    assert not found.is_expired(TODAY)
    assert found.is_expired(TODAY + dt.timedelta(days=1))


@pytest.mark.parametrize(
    ("address", "covered"),
    [
        (FINDING.address, True),
        ('module.a["x"].*', True),
        ("*.aws_s3_bucket.b[*]", True),
        ("module.a.aws_s3_bucket.b", False),
        ('module.a["x"].aws_s3_bucket.b', False),
        # brackets are the instance's, and no set of letters
        ("module.a[x].aws_s3_bucket.b[0]", False),
    ],
)
def test_an_address_may_be_a_pattern(address: str, covered: bool) -> None:
    exemption = Exemption("T_001", address, "reason")
    assert exemption.covers(FINDING, "dev") is covered
    assert not replace(exemption, rule="T_002").covers(FINDING, "dev")


def test_an_exception_may_be_for_some_environments() -> None:
    exemption = Exemption("T_001", "*", "reason", environments=("dev",))
    assert exemption.covers(FINDING, "dev")
    assert not exemption.covers(FINDING, "prod")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('reason = "It is empty."\n', "", "has no reason"),
        ('reason = "It is empty."', 'reason = ""', "has no reason"),
        ("expires = 2026-06-01\n", "", "has no expires"),
        ("2026-06-01", '"2026-06-01"', "must be a date"),
        ("2026-06-01", "2026-06-01T10:00:00", "must be a date"),
        ('owner = "platform"\n', "", "has no owner"),
        ('address = "aws_s3_bucket.a"', "address = 3", "are texts"),
        ('["dev"]', '"dev"', "are texts"),
        ("owner", "ownr", "unknown key ownr"),
        ("[[exception]]", "[exception]", "list of tables"),
        ("[[exception]]", "[[exceptions]]", "unknown key exceptions"),
        ('rule = "T_001"', "rule =", "cannot be read"),
    ],
)
def test_what_is_wrong_with_an_entry_is_told(tmp_path: Path, old: str, new: str, what: str) -> None:
    assert old in GOOD
    with pytest.raises(PolicyError, match=what):
        read(tmp_path, GOOD.replace(old, new))


def test_exceptions_that_have_ended_are_of_no_rule_or_not_needed_are_problems() -> None:
    needed = Exemption("T_001", "*", "reason", where="1")
    others = [
        replace(needed, where="2", expires=TODAY - dt.timedelta(days=1)),
        replace(needed, where="3", rule="T_999"),
        replace(needed, where="4", address="aws_sqs_queue.gone"),
    ]
    found = problems([needed, *others], {needed}, "T_001".__eq__, TODAY)
    assert [problem[0] for problem in found] == ["2", "3", "4"]
    assert [what for what in ("ended on", "no rule T_999", "remove the exception") if what in "\n".join(found)] == [
        "ended on",
        "no rule T_999",
        "remove the exception",
    ]
