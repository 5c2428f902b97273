"""Strangers are whom a policy lets in though it knows nothing of them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from stackproof.analysis.access.documents.documents import PolicyKind
from stackproof.plan import Plan
from stackproof.policy.about import About, Severity
from stackproof.policy.case import Case
from stackproof.policy.facts import Facts
from stackproof.policy.strangers import FROM, strangers

from .planned import Planned, plan_of

OTHER = "999988887777"
ORG = {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}
DENY = {**ALLOW, "Effect": "Deny", "Condition": {"StringNotEquals": ORG}}


def case_of(*statements: dict[str, Any], own: str = "123456789012", accounts: tuple[str, ...] = ()) -> Case:
    """A bucket policy, in a stack for an account of ours."""
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    plan = plan_of(Planned("aws_s3_bucket_policy.a", {"policy": policy}))
    identity = {"mode": "data", "type": "aws_caller_identity", "name": "a", "address": "data.aws_caller_identity.a"}
    resources = [{**identity, "values": {"account_id": own}}] if own else []
    document = {**plan.document, "prior_state": {"values": {"root_module": {"resources": resources}}}}
    stack = Plan(document, environment="dev").resolved
    about = About("T_007", "title", Severity.LOW, "why", "remedy", "https://example.com", types=())
    return Case(about, stack["aws_s3_bucket_policy.a"], Facts(stack), {"accounts": accounts})


def found(case: Case, keys: re.Pattern[str] = FROM) -> list[str]:
    """The strangers in the first statement."""
    policy = case.policy("policy", PolicyKind.RESOURCE)
    assert policy is not None
    return list(strangers(case, policy.statements[0], keys))


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"Principal": "*"}, ["everybody"]),
        ({"Principal": {"AWS": ["arn:aws:iam::123456789012:root", "*"]}}, ["everybody"]),
        ({"Principal": {"AWS": OTHER}}, [f"all of account {OTHER}"]),
        ({"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}, [f"all of account {OTHER}"]),
        ({"Principal": {"AWS": f"arn:aws:iam::{OTHER}:role/reader"}}, []),
        ({"Principal": {"AWS": "123456789012"}}, []),
        ({"Principal": {"Service": "s3.amazonaws.com"}}, []),
        ({"Effect": "Deny"}, []),
    ],
)
def test_everybody_and_all_of_another_account_are_strangers(elements: dict[str, Any], expected: list[str]) -> None:
    assert found(case_of({**ALLOW, **elements})) == expected


@pytest.mark.parametrize(("condition", "expected"), [({}, 1), ({"StringEquals": ORG}, 0)])
def test_those_that_not_principal_leaves_are_strangers(condition: dict[str, Any], expected: int) -> None:
    statement = {key: value for key, value in ALLOW.items() if key != "Principal"}
    case = case_of({**statement, "NotPrincipal": {"AWS": "123456789012"}, "Condition": condition})
    assert found(case) == ["everybody that NotPrincipal does not name"] * expected


@pytest.mark.parametrize(
    ("condition", "of_all", "of_an_account"),
    [
        ({"StringEquals": ORG}, False, False),
        ({"StringEquals": {"sts:ExternalId": "shop"}}, True, False),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, True, False),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, True, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True, True),
        ({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}, False, False),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}, True, True),
        ({"NumericEquals": {"aws:PrincipalAccount": "123456789012"}}, True, True),
    ],
)
def test_a_condition_on_who_comes_leaves_no_strangers(condition: object, of_all: bool, of_an_account: bool) -> None:
    everybody = {**ALLOW, "Condition": condition}
    assert bool(found(case_of(everybody))) is of_all
    assert bool(found(case_of({**everybody, "Principal": {"AWS": OTHER}}))) is of_an_account


def test_a_rule_may_say_what_limits_everybody() -> None:
    case = case_of({**ALLOW, "Condition": {"StringEquals": ORG}})
    assert found(case, re.compile("kms:calleraccount"))


def test_an_account_may_be_known() -> None:
    assert not found(case_of({**ALLOW, "Principal": {"AWS": OTHER}}, accounts=(OTHER,)))


def test_nobody_knows_another_account_where_nothing_tells_the_own() -> None:
    case = case_of({**ALLOW, "Principal": {"AWS": [OTHER, "*"]}}, own="")
    assert found(case) == ["everybody"]
    assert [finding.verdict for finding in case.findings] == ["undecided"]


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"Action": "*", "Resource": "*"},
        {"Action": ["S3:getobject"]},
        {"Condition": {"StringNotEquals": ORG, "NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}}},
    ],
)
def test_a_denial_to_all_others_leaves_no_strangers(elements: dict[str, Any]) -> None:
    assert not found(case_of(ALLOW, {**DENY, **elements}))


@pytest.mark.parametrize(
    "elements",
    [
        {"Effect": "Allow"},
        {"Principal": {"AWS": OTHER}},
        {"Condition": {}},
        {"Condition": {"StringEquals": ORG}},
        {"Condition": {"StringNotEquals": {**ORG, "aws:RequestedRegion": "us-east-1"}}},
        {"Condition": {"NumericNotEquals": {"aws:PrincipalAccount": "123456789012"}}},
        {"Action": "s3:PutObject"},
        {"Resource": "arn:aws:s3:::shop/public/*"},
    ],
)
def test_a_denial_of_something_else_leaves_strangers(elements: dict[str, Any]) -> None:
    assert found(case_of(ALLOW, {**DENY, **elements}))


@pytest.mark.parametrize("element", ["Action", "Resource"])
def test_a_denial_does_not_close_what_is_allowed_by_its_exceptions(element: str) -> None:
    statement = {key: value for key, value in ALLOW.items() if key != element}
    assert found(case_of({**statement, f"Not{element}": "arn:aws:s3:::shop/private"}, DENY))
