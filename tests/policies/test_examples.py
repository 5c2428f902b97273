"""Each rule judges its examples as they are marked, from the plan and from the HCL alone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from stackproof.policy.rule import Rule
from stackproof.verdict import Verdict

from .conftest import Read
from .examples import RULES, Example, examples, lines

BROKEN = [Example(rule, keeps=False) for rule in RULES.files]


def name(example: Example) -> str:
    return f"{example.rule.id}-{example.name}"


def test_every_file_of_policies_is_a_rule() -> None:
    assert not RULES.problems
    assert RULES.files


@pytest.mark.parametrize("example", examples(), ids=name)
def test_each_rule_has_an_example_that_keeps_it_and_one_that_breaks_it(example: Example) -> None:
    assert example.source.exists()
    assert bool(example.marked("fails", "fails in the plan")) is not example.keeps


@pytest.mark.parametrize("example", examples(), ids=name)
def test_the_plan_tells_what_is_wrong_and_where(example: Example, planned: Read, rules: Mapping[str, Rule]) -> None:
    rule = rules[example.rule.id]
    assert planned.resources(rule, example), f"{example.source} holds nothing that the rule is about"
    found = planned.findings(rule, example)
    assert not [finding for finding in found if finding.place is None or finding.is_error]
    assert lines(found, example, planned.root, Verdict.FAIL) == example.marked("fails", "fails in the plan")
    assert lines(found, example, planned.root, Verdict.UNDECIDED) == example.marked("undecided")


@pytest.mark.parametrize("example", examples(), ids=name)
def test_the_hcl_alone_tells_no_less_than_is_marked(
    example: Example, read_by_checkov: Read, rules: Mapping[str, Rule]
) -> None:
    found = read_by_checkov.findings(rules[example.rule.id], example)
    assert not [finding for finding in found if finding.is_error]
    assert lines(found, example, read_by_checkov.root, Verdict.FAIL) == example.marked("fails")


@pytest.mark.parametrize("example", BROKEN, ids=name)
def test_every_finding_says_why_it_matters_and_how_to_mend_it(
    example: Example, planned: Read, rules: Mapping[str, Rule]
) -> None:
    rule = rules[example.rule.id].about
    assert rule.why
    assert rule.remedy
    assert rule.source.startswith("https://")
    for finding in planned.findings(rules[rule.id], example):
        shown = finding.shown()
        assert all(part in shown for part in (rule.id, finding.address, str(finding.place), rule.remedy))
