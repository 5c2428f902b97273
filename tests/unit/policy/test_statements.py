"""Each kind of rule about statements judges the documents of its kind, and no others."""

from __future__ import annotations

import json

import pytest

from stackproof.policy.facts import Facts
from stackproof.policy.judging import judge
from stackproof.policy.statements import (
    IDENTITY_TYPES,
    POLICY_TYPES,
    PRINCIPAL_TYPES,
    RESOURCE_TYPES,
    TRUST_TYPES,
    About,
    AnyStatementRule,
    Case,
    IdentityStatementRule,
    PrincipalStatementRule,
    ResourceStatementRule,
    Severity,
    Statement,
    TrustStatementRule,
    named,
)
from stackproof.policy.statements import StatementRule as Judges

from .planned import Planned, plan_of


def document(sid: str, **elements: object) -> str:
    return json.dumps({"Statement": [{"Sid": sid, "Effect": "Allow", "Action": "s3:GetObject", **elements}]})


ROLE = Planned(
    "aws_iam_role.a",
    {
        "assume_role_policy": document("trust", Principal="*"),
        "inline_policy": [{"name": "a", "policy": document("inline", Resource="*")}],
    },
)
POLICY = Planned("aws_iam_policy.a", {"policy": document("policy", Resource="*")})
BUCKET = Planned("aws_s3_bucket_policy.a", {"bucket": "a", "policy": document("bucket", Principal="*", Resource="*")})


def about(*types: str) -> About:
    return About("T_006", "title", Severity.LOW, "why", "remedy", "https://example.com", types=types)


class _Tells(Judges):
    def judge_statement(self, case: Case, statement: Statement) -> None:
        case.fail(named(statement))


class Identity(_Tells, IdentityStatementRule):
    about = about(*IDENTITY_TYPES)


class Trust(_Tells, TrustStatementRule):
    about = about(*TRUST_TYPES)


class OnResource(_Tells, ResourceStatementRule):
    about = about(*RESOURCE_TYPES)


class Principals(_Tells, PrincipalStatementRule):
    about = about(*PRINCIPAL_TYPES)


class AnyPolicy(_Tells, AnyStatementRule):
    about = about(*POLICY_TYPES)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Identity, {"policy", "inline"}),
        (Trust, {"trust"}),
        (OnResource, {"bucket"}),
        (Principals, {"trust", "bucket"}),
        (AnyPolicy, {"policy", "inline", "trust", "bucket"}),
    ],
)
def test_a_rule_judges_the_documents_of_its_kind_once(kind: type[Judges], expected: set[str]) -> None:
    # checkov has no need to know it
    rule: Judges = object.__new__(kind)
    judgements = judge(rule, Facts(plan_of(ROLE, POLICY, BUCKET).resolved))
    found = [finding.message for judgement in judgements for finding in judgement.findings]
    assert sorted(found) == sorted(f'statement "{name}"' for name in expected)
