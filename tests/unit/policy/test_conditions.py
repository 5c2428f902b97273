"""A condition limits a statement where no request without one of its values gets past it."""

from __future__ import annotations

import re

import pytest

from stackproof.analysis.access.documents.documents import Policy, PolicyKind
from stackproof.analysis.access.documents.statements import Condition, Effect, Statement, Text
from stackproof.plan.values import Unknown
from stackproof.policy.conditions import WHO, limited, limits
from stackproof.verdict import Undecided

KEYS = re.compile(r"aws:source(arn|account)", re.IGNORECASE)
LATER = Unknown("aws_iam_role.a", "assume_role_policy", "known after apply")


def condition(operator: str = "StringEquals", key: str = "aws:SourceAccount", *values: Text) -> Condition:
    return Condition(operator, key, values or ("123456789012",))


@pytest.mark.parametrize(
    "operator",
    ["StringEquals", "StringEqualsIgnoreCase", "stringlike", "ArnLike", "ForAnyValue:StringEquals", "IpAddress"],
)
def test_an_operator_that_needs_one_of_its_values_limits(operator: str) -> None:
    assert limits(condition(operator), KEYS)


@pytest.mark.parametrize(
    "operator",
    ["StringNotEquals", "StringEqualsIfExists", "ForAllValues:StringEquals", "Null", "ForAnyValue:ArnNotLike"],
)
def test_an_operator_that_holds_for_others_or_without_the_key_does_not_limit(operator: str) -> None:
    assert not limits(condition(operator), KEYS)


@pytest.mark.parametrize("key", ["aws:SourceArn", "AWS:sourceaccount"])
def test_a_whole_key_has_to_be_of_the_pattern(key: str) -> None:
    assert limits(condition("StringEquals", key), KEYS)
    assert not limits(condition("StringEquals", f"{key}s"), KEYS)
    assert not limits(condition("StringEquals", f"my{key}"), KEYS)


@pytest.mark.parametrize(
    "value",
    [
        "123456789012",
        "arn:aws:s3:::bucket",
        "arn:aws:iam::123456789012:role/*",
        "arn:aws:sns:us-east-1:${aws:ResourceAccount}:*",
        "${AWS:resourceorgid}",
        "${aws:ResourceOrgPaths}",
        "o-a1b2c3d4e5/r-ab12/*",
        "AROAEXAMPLEEXAMPLE12:*",
        "198.51.100.0/24",
        "10.0.0.0/8",
        "10.0.0.0/10",
        "2001:db8::/16",
        "arn:aws:s3:::shop/0",
        "true",
    ],
)
def test_a_value_in_particular_limits(value: str) -> None:
    assert limits(condition("StringLike", "aws:SourceArn", value), KEYS)


@pytest.mark.parametrize(
    "value",
    [
        "*",
        "12345678901?",
        "arn:aws:iam::*:role/app",
        "arn:aws:s3:::*",
        "arn:aws:sns:us-east-1:${aws:PrincipalAccount}:topic",
        "${aws:PrincipalAccount}",
        "o-*/r-ab12/*",
        "AROA*:session",
        "0.0.0.0/0",
        "::/0",
        "0.0.0.0/1",
        "128.0.0.0/1",
        "10.0.0.0/7",
        "::/1",
        "2000::/9",
        "FC00::/15",
        "::ffff:0.0.0.0/09",
        "false",
    ],
)
def test_one_value_for_many_opens_the_condition(value: str) -> None:
    assert not limits(condition("StringLike", "aws:SourceArn", value), KEYS)
    assert not limits(condition("StringLike", "aws:SourceArn", "123456789012", value), KEYS)


def test_a_rule_may_have_values_of_its_own() -> None:
    pattern = re.compile("repo:[^*]+")
    assert limits(condition("StringEquals", "aws:SourceArn", "repo:shop"), KEYS, pattern)
    assert not limits(condition("StringEquals", "aws:SourceArn", "repo:shop", "repo:*"), KEYS, pattern)
    assert not limits(condition("StringEquals", "aws:SourceArn", "my-repo:shop"), KEYS, pattern)


@pytest.mark.parametrize(
    ("operator", "comparisons", "expected"),
    [
        ("StringLike", ("String",), True),
        ("ForAnyValue:StringLike", ("Arn", "String"), True),
        ("ArnLike", ("Arn", "String"), True),
        ("ArnLike", ("String",), False),
        ("IpAddress", WHO, True),
        ("NumericEquals", WHO, False),
        ("DateLessThan", WHO, False),
        ("Bool", WHO, False),
        ("Null", ("Null",), False),
    ],
)
def test_a_rule_may_ask_for_some_comparisons(operator: str, comparisons: tuple[str, ...], expected: bool) -> None:
    assert limits(condition(operator), KEYS, comparisons=comparisons) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringNotEquals", True),
        ("ArnNotLikeIfExists", True),
        ("StringEquals", False),
        ("StringEqualsIfExists", False),
        ("ForAllValues:StringNotEquals", False),
        ("Null", False),
    ],
)
def test_the_condition_of_a_deny_is_for_all_others(operator: str, expected: bool) -> None:
    assert limits(condition(operator), KEYS, negated=True) is expected


@pytest.mark.parametrize(
    "unknown",
    [Condition("", "", (LATER,)), condition("StringEquals", "aws:SourceArn", LATER)],
)
def test_what_decides_and_is_not_known_is_undecided(unknown: Condition) -> None:
    with pytest.raises(Undecided):
        limits(unknown, KEYS)


@pytest.mark.parametrize(
    "unknown",
    [
        condition("StringNotEquals", "aws:SourceArn", LATER),
        condition("StringEquals", "aws:RequestedRegion", LATER),
        condition("StringLike", "aws:SourceArn", "*", LATER),
    ],
)
def test_what_cannot_limit_does_not_have_to_be_known(unknown: Condition) -> None:
    assert not limits(unknown, KEYS)


NONE = condition("StringEquals", "aws:RequestedRegion", "us-east-1")
MAYBE = condition("StringEquals", "aws:SourceArn", LATER)


def statement(*conditions: Condition) -> Statement:
    policy = Policy(PolicyKind.RESOURCE)
    return Statement(Effect.ALLOW, "", ("*",), (), ("*",), (), None, None, conditions, 0, policy)


@pytest.mark.parametrize(
    "conditions", [(condition(),), (NONE, condition()), (MAYBE, condition()), (condition(), MAYBE)]
)
def test_one_condition_that_limits_for_certain_limits_a_statement(conditions: tuple[Condition, ...]) -> None:
    assert limited(statement(*conditions), KEYS)


@pytest.mark.parametrize("conditions", [(), (NONE,), (NONE, condition("StringLike", "aws:SourceArn", "*"))])
def test_a_statement_without_a_condition_that_limits_is_not_limited(conditions: tuple[Condition, ...]) -> None:
    assert not limited(statement(*conditions), KEYS)


@pytest.mark.parametrize("conditions", [(MAYBE,), (MAYBE, NONE), (NONE, MAYBE, MAYBE)])
def test_a_statement_that_only_an_unknown_condition_may_limit_is_undecided(conditions: tuple[Condition, ...]) -> None:
    with pytest.raises(Undecided):
        limited(statement(*conditions), KEYS)


def test_a_statement_is_limited_as_a_rule_asks() -> None:
    assert not limited(statement(condition()), KEYS, re.compile("o-.+"))
    assert not limited(statement(condition()), KEYS, comparisons=("Arn",))
