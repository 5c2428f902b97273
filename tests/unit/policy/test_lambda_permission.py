"""The provider refuses ARNs of any account, so that no example can have one; HCL alone may."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackproof.policy.facts import Facts
from stackproof.policy.judging import judge
from stackproof.policy.loading import RuleFile, load
from stackproof.verdict import Verdict

from .planned import Planned, plan_of

RULE = Path(__file__).parents[3] / "policies/least_privilege/lambda_permission_bound.py"


@pytest.mark.parametrize(
    ("arguments", "verdict"),
    [
        ({"source_arn": "arn:aws:execute-api:*:*:*"}, Verdict.FAIL),
        ({"source_arn": "arn:aws:execute-api:us-east-1:12345678901?:a1b2c3d4e5/*"}, Verdict.FAIL),
        ({"source_arn": "arn:aws:execute-api:*:*:*", "source_account": "123456789012"}, Verdict.PASS),
        ({"source_arn": "arn:aws:execute-api:*:123456789012:*"}, Verdict.PASS),
    ],
)
def test_an_arn_of_any_account_bounds_no_permission(arguments: dict[str, str], verdict: Verdict) -> None:
    rule = load(RuleFile("SP_IAM_012", RULE))
    permission = Planned("aws_lambda_permission.a", {"principal": "apigateway.amazonaws.com", **arguments})
    (judgement,) = judge(rule, Facts(plan_of(permission).resolved))
    assert judgement.verdict == verdict
