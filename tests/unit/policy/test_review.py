"""A review takes out what exceptions and baselines cover, and tells what is wrong with them."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from stackproof.errors import PolicyError, PolicyViolation
from stackproof.plan import ResolvedStack
from stackproof.plan.source import Sources
from stackproof.policy import builtin
from stackproof.policy.baseline import read_baseline, write_baseline
from stackproof.policy.review import Review, Reviewer
from stackproof.settings import Policy
from stackproof.verdict import Undecided, Verdict

from .conftest import WriteRule
from .planned import Planned, plan_of

NAMELESS = Planned("aws_s3_bucket.a", {"bucket": None})
NAMED = Planned("aws_s3_bucket.b", {"bucket": "b"})
UNTOLD = Planned("aws_s3_bucket.c", refers={"bucket": ["var.name"]})


def stack(*resources: Planned, environment: str = "dev") -> ResolvedStack:
    return plan_of(*resources, environment=environment).resolved


def review(settings: Policy, *stacks: ResolvedStack, whole: bool = True) -> Review:
    return Reviewer(settings).review({each.environment: each for each in stacks}, is_whole=whole)


def excepting(
    settings: Policy, tmp_path: Path, address: str, expires: str = "2999-01-01", rule: str = "T_001"
) -> Policy:
    file = tmp_path / "exceptions.toml"
    entry = f'rule = "{rule}"\naddress = "{address}"\nreason = "why"\nowner = "me"\nexpires = {expires}\n'
    file.write_text(f"[[exception]]\n{entry}", encoding="utf-8")
    return replace(settings, exceptions=file)


def test_a_finding_of_several_environments_is_told_once(rules: Policy) -> None:
    found = review(rules, stack(NAMELESS, NAMED), stack(NAMELESS, environment="prod"))
    assert [(one.address, one.environments) for one in found.findings] == [(NAMELESS.address, ("dev", "prod"))]
    assert (found.judged, len(found.rules), found.verdict) == (3, 1, Verdict.FAIL)


def test_environments_stand_in_their_order_whichever_was_judged_first(rules: Policy) -> None:
    reviewer = Reviewer(rules)
    outcomes = [reviewer.judge("T_001", stack(NAMELESS, environment=name)) for name in ("prod", "dev", "other")]
    (found,) = Review(outcomes, environments=["dev", "prod"]).findings
    assert found.environments == ("dev", "prod", "other")


def test_worse_rules_come_first_and_fails_before_undecided(rules: Policy, write_rule: WriteRule) -> None:
    write_rule("T_002", severity="CRITICAL")
    found = review(rules, stack(UNTOLD, NAMELESS))
    assert [(one.rule.id, one.verdict) for one in found.findings] == [
        ("T_002", Verdict.FAIL),
        ("T_001", Verdict.FAIL),
        ("T_002", Verdict.UNDECIDED),
        ("T_001", Verdict.UNDECIDED),
    ]


def test_what_an_exception_covers_does_not_count(rules: Policy, tmp_path: Path) -> None:
    found = review(excepting(rules, tmp_path, NAMELESS.address), stack(NAMELESS))
    assert found.verdict is Verdict.PASS
    assert not found.problems
    assert [(finding.address, exemption.reason) for finding, exemption in found.excepted] == [(NAMELESS.address, "why")]


def test_an_exception_that_has_ended_covers_nothing_more(rules: Policy, tmp_path: Path) -> None:
    found = review(excepting(rules, tmp_path, NAMELESS.address, "2020-01-01"), stack(NAMELESS))
    assert [one.address for one in found.findings] == [NAMELESS.address]
    assert ["ended on 2020-01-01" in problem for problem in found.problems] == [True]


def test_an_exception_that_nothing_needs_is_a_problem_where_all_was_judged(rules: Policy, tmp_path: Path) -> None:
    settings = excepting(rules, tmp_path, NAMELESS.address)
    found = review(settings, stack(NAMED))
    assert found.verdict is Verdict.FAIL
    assert ["remove the exception" in problem for problem in found.problems] == [True]
    assert not review(settings, stack(NAMED), whole=False).problems


def test_an_exception_and_options_of_an_unknown_rule_are_problems(rules: Policy, tmp_path: Path) -> None:
    settings = replace(excepting(rules, tmp_path, "*", rule="T_999"), options={"T_998": {}})
    assert [problem for problem in review(settings, stack(NAMED)).problems if "no rule T_99" in problem][1:]


@pytest.mark.parametrize(
    ("comment", "verdict", "problem"),
    [
        ("#checkov:skip=T_001:it is made up", Verdict.PASS, ""),
        ("# checkov:skip=T_001: it is made up", Verdict.PASS, ""),
        ("// checkov:skip=T_009,T_001:it is made up", Verdict.PASS, ""),
        ("#checkov:skip=T_001", Verdict.FAIL, "gives no reason"),
        ("#checkov:skip=T_002:of another", Verdict.FAIL, ""),
        ("#", Verdict.FAIL, ""),
    ],
)
def test_an_exception_may_stand_beside_the_resource(
    rules: Policy, tmp_path: Path, comment: str, verdict: Verdict, problem: str
) -> None:
    (tmp_path / "main.tf").write_text(f'resource "aws_s3_bucket" "a" {{\n  {comment}\n}}\n', encoding="utf-8")
    found = review(rules, written(tmp_path, NAMELESS))
    assert found.verdict is verdict
    assert (problem in "".join(found.problems)) if problem else not found.problems
    if verdict is Verdict.PASS:
        ((_, exemption),) = found.excepted
        assert exemption.reason == "it is made up"
        assert exemption.where.endswith("main.tf:2")


def test_an_exception_beside_what_keeps_the_rule_is_a_problem(rules: Policy, tmp_path: Path) -> None:
    text = 'resource "aws_s3_bucket" "b" {\n  #checkov:skip=T_001:once\n}\n'
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    found = review(rules, written(tmp_path, NAMED))
    assert ["nothing here breaks T_001" in problem for problem in found.problems] == [True]


def written(folder: Path, *resources: Planned) -> ResolvedStack:
    """A stack whose HCL is in a folder."""
    made = stack(*resources)
    made.sources = Sources(folder, {"": "."})
    for resource in made:
        resource._sources = made.sources
    return made


def test_a_baseline_takes_out_what_is_known(rules: Policy, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    write_baseline(file, review(rules, stack(NAMELESS)).findings)
    reviewer = Reviewer(rules, baseline=read_baseline(file))
    found = reviewer.review({"dev": stack(NAMELESS, Planned("aws_s3_bucket.new", {"bucket": None}))})
    assert [one.address for one in found.known] == [NAMELESS.address]
    assert [one.address for one in found.findings] == ["aws_s3_bucket.new"]


def test_errors_of_a_rule_are_hidden_by_nothing(rules: Policy, tmp_path: Path, write_rule: WriteRule) -> None:
    write_rule(body="1 / 0")
    file = tmp_path / "baseline.json"
    write_baseline(file, review(rules, stack(NAMED)).findings)
    reviewer = Reviewer(excepting(rules, tmp_path, "*"), baseline=read_baseline(file))
    found = reviewer.review({"dev": stack(NAMED)})
    assert [one.is_error for one in found.findings] == [True]


def test_a_rule_that_cannot_be_loaded_is_a_problem_and_the_others_are_asked(
    rules: Policy, write_rule: WriteRule
) -> None:
    write_rule("T_002").write_text("1 / 0\nAbout(id='T_002')\n", encoding="utf-8")
    found = review(rules, stack(NAMELESS))
    assert [one.rule.id for one in found.findings] == ["T_001"]
    assert ["ZeroDivisionError" in problem for problem in found.problems] == [True]


def test_only_some_rules_can_be_asked(rules: Policy, write_rule: WriteRule) -> None:
    write_rule("T_002")
    reviewer = Reviewer(rules)
    assert [one.id for one in reviewer.review({"dev": stack(NAMED)}, only=["T_002"]).rules] == ["T_002"]
    with pytest.raises(PolicyError, match=r"no rule T_003\. Did you mean T_00"):
        reviewer.review({}, only=["T_003"])


@pytest.mark.parametrize("options", [{"forbiden": "x"}, {"forbidden": 3}, {"forbidden": True}, {"forbidden": ["x"]}])
def test_an_option_that_a_rule_has_not_is_a_problem(rules: Policy, options: dict[str, object]) -> None:
    found = review(replace(rules, options={"T_001": options}), stack(NAMED))
    assert found.verdict is Verdict.FAIL
    assert ["option forbi" in problem for problem in found.problems] == [True]


def test_without_checkov_it_says_what_to_install(rules: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    for settings in (rules, Policy(builtin=("CKV_AWS_7",))):
        builtin._registry.cache_clear()
        found = review(settings, stack(NAMED))
        assert ["pip install 'stackproof[policies]'" in problem for problem in found.problems] == [True]


def test_what_is_asked_for_is_required(rules: Policy) -> None:
    reviewer = Reviewer(rules)
    reviewer.judge("T_001", stack(NAMED)).require()
    with pytest.raises(
        PolicyViolation, match=r"T_001 high: Buckets have a name\n  aws_s3_bucket.a: bucket: there is none"
    ):
        reviewer.judge("T_001", stack(NAMELESS, UNTOLD)).require()
    with pytest.raises(Undecided, match="T_001"):
        reviewer.judge("T_001", stack(NAMED, UNTOLD)).require()


def test_a_stack_of_another_provider_is_judged_by_no_rule(rules: Policy) -> None:
    found = review(rules, stack(Planned("google_storage_bucket.a", {"name": None})))
    assert (found.judged, found.verdict) == (0, Verdict.PASS)
