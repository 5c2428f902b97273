"""checkov's own checks judge resolved plans, and unknown values leave them undecided."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from stackproof.errors import PolicyError
from stackproof.plan import Plan
from stackproof.policy.builtin import builtin
from stackproof.policy.facts import Facts
from stackproof.policy.judging import judge
from stackproof.policy.review import Reviewer
from stackproof.settings import Policy
from stackproof.verdict import Verdict

from .planned import Planned, plan_of

KMS = "CKV_AWS_7"
"""Rotation of keys: a value."""
RETENTION = "CKV_AWS_338"
"""A year's retention of logs: a number that is compared."""
LOG_KEY = "CKV_AWS_158"
"""A key for logs: something that has to be there."""


def verdict(rule: str, resource: Planned) -> Verdict:
    (check,) = builtin(rule)
    (found,) = judge(check, Facts(plan_of(resource).resolved))
    assert not any(finding.is_error for finding in found.findings), found.findings
    return found.verdict


KEY, LOGS = "aws_kms_key.a", "aws_cloudwatch_log_group.a"


@pytest.mark.parametrize(
    ("rule", "resource", "expected"),
    [
        (KMS, Planned(KEY, {"enable_key_rotation": True}), Verdict.PASS),
        (KMS, Planned(KEY, {"enable_key_rotation": False}), Verdict.FAIL),
        (KMS, Planned(KEY), Verdict.FAIL),
        (KMS, Planned(KEY, refers={"enable_key_rotation": ["var.rotates"]}), Verdict.UNDECIDED),
        # nobody asked for it, so that AWS does as it likes
        (KMS, Planned(KEY, {"description": "x"}, unknown=("enable_key_rotation",)), Verdict.FAIL),
        (RETENTION, Planned(LOGS, {"retention_in_days": 400}), Verdict.PASS),
        (RETENTION, Planned(LOGS, {"retention_in_days": 30}), Verdict.FAIL),
        (RETENTION, Planned(LOGS, refers={"retention_in_days": ["var.days"]}), Verdict.UNDECIDED),
        (LOG_KEY, Planned(LOGS, {"kms_key_id": "arn:aws:kms:us-east-1:123456789012:key/1"}), Verdict.PASS),
        (LOG_KEY, Planned(LOGS, refers={"kms_key_id": ["var.key"]}), Verdict.UNDECIDED),
    ],
)
def test_a_check_comes_to_one_of_three_verdicts(rule: str, resource: Planned, expected: Verdict) -> None:
    assert verdict(rule, resource) is expected


def test_an_unknown_value_in_a_block_is_not_a_missing_one() -> None:
    block = {"encryption_type": "KMS", "kms_key": "key"}
    repository = Planned("aws_ecr_repository.a", {"encryption_configuration": [block]})
    assert verdict("CKV_AWS_136", repository) is Verdict.PASS
    made = plan_of(replace(repository, values={"encryption_configuration": [{"kms_key": "key"}]}))
    made.document["resource_changes"][0]["change"]["after_unknown"] = {
        "encryption_configuration": [{"encryption_type": True}]
    }
    (check,) = builtin("CKV_AWS_136")
    (found,) = judge(check, Facts(Plan(made.document, environment="dev").resolved))
    assert found.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("actions", [["kms:*", "s3:GetObject"], ["s3:GetObject", "kms:*"]])
def test_every_document_is_read_for_itself(actions: list[str]) -> None:
    policies = [
        Planned(
            f"aws_iam_policy.p{number}",
            {"policy": json.dumps({"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})},
        )
        for number, action in enumerate(actions)
    ]
    (check,) = builtin("CKV_AWS_289")  # permissions management without constraints
    found = judge(check, Facts(plan_of(*policies).resolved))
    assert [one.verdict for one in found] == [Verdict.FAIL if "kms" in action else Verdict.PASS for action in actions]


def test_the_path_of_a_finding_is_what_the_check_looked_at() -> None:
    (check,) = builtin(KMS)
    (found,) = judge(check, Facts(plan_of(Planned(KEY, {"enable_key_rotation": False})).resolved))
    assert [finding.path for finding in found.findings] == ["enable_key_rotation"]


def test_sensitive_values_reach_no_check(monkeypatch: pytest.MonkeyPatch) -> None:
    (check,) = builtin(KMS)
    seen: list[Any] = []
    monkeypatch.setattr(check._check, "scan_entity_conf", lambda conf, _: seen.append(conf))
    judge(check, Facts(plan_of(Planned(KEY, {"description": "very-secret"}, sensitive=("description",))).resolved))
    assert "very-secret" not in str(seen)
    assert seen[0]["description"] == ["********"]


def test_a_set_is_all_checks_that_match_without_the_excluded() -> None:
    found = {check.about.id for check in builtin("CKV_AWS_*", [KMS])}
    assert RETENTION in found
    assert KMS not in found
    assert not [number for number in found if not number.startswith("CKV_AWS_")]


@pytest.mark.parametrize(("rule", "excluded"), [("CKV_AWS_99999", ()), ("CKV_NOBODY_*", ()), ("CKV_AWS_*", ["CKV_X"])])
def test_a_check_that_there_is_not_is_refused(rule: str, excluded: tuple[str, ...]) -> None:
    with pytest.raises(PolicyError, match="there is no rule"):
        builtin(rule, excluded)


def test_a_set_is_judged_as_one_and_its_checks_are_told_apart() -> None:
    settings = Policy(builtin=("CKV_AWS_*",), excluded={LOG_KEY: "why"})
    made = plan_of(Planned(KEY, {"enable_key_rotation": False}), Planned(LOGS, {"retention_in_days": 30})).resolved
    outcome = Reviewer(settings).judge("CKV_AWS_*", made)
    assert {finding.rule.id for finding in outcome.findings} >= {KMS, RETENTION}
    assert LOG_KEY not in {about.id for about in outcome.rules}
    assert outcome.judged == len(outcome.rules)


def test_graph_checks_are_refused_with_the_reason() -> None:
    with pytest.raises(PolicyError, match="graph checks"):
        Reviewer(replace(Policy(), builtin=("CKV2_AWS_6",))).load("CKV2_AWS_6")
