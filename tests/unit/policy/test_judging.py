"""A rule passes, fails or leaves undecided; whatever goes wrong in it is told as an error of the rule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stackproof.policy.facts import Facts
from stackproof.policy.judging import Judgement, judge
from stackproof.policy.loading import RuleFile, load
from stackproof.policy.rule import Rule
from stackproof.policy.statements import (
    IDENTITY_TYPES,
    About,
    Case,
    IdentityStatementRule,
    Severity,
    Statement,
    named,
)
from stackproof.verdict import Verdict

from .conftest import WriteRule
from .planned import Planned, plan_of

BUCKET = "aws_s3_bucket.a"


def judged(file: Path, *entries: Planned, **options: Any) -> list[Judgement]:
    return judge(load(RuleFile("T_001", file)), Facts(plan_of(*entries).resolved), options)


@pytest.mark.parametrize(
    ("bucket", "verdict"),
    [
        (Planned(BUCKET, {"bucket": "name"}), Verdict.PASS),
        (Planned(BUCKET, {"bucket": None}), Verdict.FAIL),
        (Planned(BUCKET), Verdict.FAIL),
        # the provider makes up what the configuration leaves out
        (Planned(BUCKET, {"acl": "private"}, unknown=("bucket",)), Verdict.FAIL),
        (Planned(BUCKET, refers={"bucket": ["var.name"]}), Verdict.UNDECIDED),
    ],
)
def test_a_rule_comes_to_one_of_three_verdicts(write_rule: WriteRule, bucket: Planned, verdict: Verdict) -> None:
    (found,) = judged(write_rule(), bucket)
    assert (found.address, found.verdict) == (BUCKET, verdict)


def test_options_are_the_rules_own_and_can_be_set(write_rule: WriteRule) -> None:
    bucket = Planned(BUCKET, {"bucket": "name"})
    assert judged(write_rule(), bucket)[0].verdict is Verdict.PASS
    assert judged(write_rule(), bucket, forbidden="name")[0].verdict is Verdict.FAIL


def test_parts_do_not_hide_one_another(write_rule: WriteRule) -> None:
    body = """
for name in ("bucket", "acl"):
    with case.part():
        if not case.resource[name]:
            case.fail("it is empty", name)
"""
    bucket = Planned(BUCKET, {"acl": ""}, refers={"bucket": ["var.name"]})
    (found,) = judged(write_rule(body=body), bucket)
    assert [(each.verdict, each.path) for each in found.findings] == [
        (Verdict.UNDECIDED, "bucket"),
        (Verdict.FAIL, "acl"),
    ]
    assert found.verdict is Verdict.FAIL


def test_a_rule_that_raises_is_an_error_of_the_rule_and_never_a_pass(write_rule: WriteRule) -> None:
    (found,) = judged(write_rule(body="case.nothing_of_that_name()"), Planned(BUCKET, {"bucket": "name"}))
    (error,) = found.findings
    assert error.is_error
    assert found.verdict is Verdict.FAIL
    assert "the rule failed: AttributeError" in error.message
    assert error.address == BUCKET


class EveryStatement(IdentityStatementRule):
    about = About("T_002", "title", Severity.LOW, "why", "remedy", "https://example.com", types=IDENTITY_TYPES)

    def judge_statement(self, case: Case, statement: Statement) -> None:
        case.fail(f"{named(statement)} is there", at=statement.place)


@pytest.fixture(scope="module")
def every_statement() -> Rule:
    # checkov has no need to know it
    rule: Rule = object.__new__(EveryStatement)
    return rule


@pytest.mark.parametrize("text", ["not JSON", "[]", '{"Statement": 3}', '{"a":' * 5000])
def test_a_document_that_is_none_is_an_error_and_never_a_pass(every_statement: Rule, text: str) -> None:
    (found,) = judge(every_statement, Facts(plan_of(Planned("aws_iam_policy.a", {"policy": text})).resolved))
    assert found.verdict is Verdict.FAIL
    assert all(each.is_error for each in found.findings)


def test_a_document_that_is_not_known_is_undecided(every_statement: Rule) -> None:
    policy = Planned("aws_iam_policy.a", refers={"policy": ["var.policy"]})
    (found,) = judge(every_statement, Facts(plan_of(policy).resolved))
    assert found.verdict is Verdict.UNDECIDED


def test_every_statement_of_a_role_is_judged_in_its_blocks(every_statement: Rule) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    blocks = [
        {"name": str(number), "policy": json.dumps({"Statement": [{**statement, "Sid": f"S{number}"}] * number})}
        for number in (1, 2)
    ]
    (found,) = judge(every_statement, Facts(plan_of(Planned("aws_iam_role.a", {"inline_policy": blocks})).resolved))
    assert [each.message for each in found.findings] == ['statement "S1" is there', 'statement "S2" is there']


def test_a_document_of_ten_megabytes_is_judged(write_rule: WriteRule) -> None:
    body = "case.fail(f\"{len(case.resource.document('bucket'))}\")"
    (found,) = judged(write_rule(body=body), Planned(BUCKET, {"bucket": f'["{"x" * 10_000_000}"]'}))
    assert [each.message for each in found.findings] == ["1"]


def test_sensitive_values_are_never_told(write_rule: WriteRule) -> None:
    body = "case.fail(f\"it is {case.resource['bucket']}\")"
    bucket = Planned(BUCKET, {"bucket": "very-secret"}, sensitive=("bucket",))
    (found,) = judged(write_rule(body=body), bucket)
    assert found.verdict is Verdict.FAIL
    assert "very-secret" not in str(found)


def test_resources_that_stand_for_another_are_found_by_wiring_and_by_name(write_rule: WriteRule) -> None:
    body = """
for block in case.companions("aws_s3_bucket_public_access_block", "bucket"):
    case.fail(block.address)
"""
    block = "aws_s3_bucket_public_access_block"
    entries = [
        Planned(BUCKET, {"bucket": "a"}, unknown=("id", "arn")),
        Planned("aws_s3_bucket.b", {"bucket": "b", "id": "b"}),
        Planned(f"{block}.a", refers={"bucket": [f"{BUCKET}.id", BUCKET]}),
        Planned(f"{block}.b", {"bucket": "b"}),
        Planned(f"{block}.other", {"bucket": "of-nobody-here"}),
    ]
    found = judged(write_rule(body=body), *entries)
    assert [[each.message for each in one.findings] for one in found] == [
        ["aws_s3_bucket_public_access_block.a"],
        ["aws_s3_bucket_public_access_block.b"],
    ]
