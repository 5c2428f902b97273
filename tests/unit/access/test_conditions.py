"""Condition operators: AWS's documented rules, and each operator against its direct definition."""

from __future__ import annotations

import base64
import fnmatch
import ipaddress
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof.analysis.access.documents.documents import Condition
from stackproof.analysis.access.documents.operators import COMPARISONS, parse_operator
from stackproof.analysis.access.evaluation.conditions import hold, holds
from stackproof.analysis.access.evaluation.context import Context, Given
from stackproof.analysis.access.patterns.truth import Maybe, Truth
from stackproof.errors import PlanError
from stackproof.plan.values import Unknown

KEY = "aws:key"


def ask(
    operator: str,
    values: Any,
    request: Any,
    others: Mapping[str, Given] | None = None,
    *,
    key: str = KEY,
    complete: bool = True,
) -> Truth:
    """Whether a condition on a key holds where the request gives the key that value, or None for none."""
    texts = tuple(values) if isinstance(values, list | tuple) else (values,)
    context = Context({KEY: request, **(others or {})}, complete=complete)
    return holds(Condition(operator, key, texts), context)


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
@pytest.mark.parametrize(
    ("operator", "policy", "request_value", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a*", "a*", True),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", "a", "a", False),
        ("StringEqualsIgnoreCase", "aB", "Ab", True),
        ("StringEqualsIgnoreCase", "a", "b", False),
        ("StringNotEqualsIgnoreCase", "aB", "Ab", False),
        ("StringLike", "home/*", "home/a/b", True),
        ("StringLike", "home/?", "home/ab", False),
        ("StringLike", "Home/*", "home/a", False),
        ("StringLike", "a", "a*", False),
        ("StringNotLike", "home/*", "home/a", False),
        ("StringNotLike", "home/*", "work/a", True),
        ("NumericEquals", "10", "10.0", True),
        ("NumericNotEquals", "10", "10", False),
        ("NumericLessThan", "10", "9", True),
        ("NumericLessThan", "10", "10", False),
        ("NumericLessThanEquals", "10", 10, True),
        ("NumericGreaterThan", "9", "10", True),
        ("NumericGreaterThanEquals", "10", "9.9", False),
        ("DateGreaterThan", "2020-01-01T00:00:01Z", "2020-06-01T00:00:00Z", True),
        ("DateGreaterThan", "2020-01-01T00:00:01Z", "2019-12-31T23:59:59Z", False),
        ("DateEquals", "2020-01-01T00:00:00Z", 1577836800, True),
        ("DateEquals", "2020-01-01T01:00:00+01:00", "2020-01-01", True),
        ("DateLessThanEquals", "1577836800", "2020-01-01T00:00:00Z", True),
        ("DateNotEquals", "2020-01-01", "2020-01-02", True),
        ("Bool", "true", True, True),
        ("Bool", "TRUE", True, True),
        ("Bool", "false", True, False),
        ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", True),
        ("BinaryEquals", "QQ==", "Qg==", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.255", True),
        ("IpAddress", "203.0.113.0/24", "203.0.114.0", False),
        ("IpAddress", "203.0.113.7", "203.0.113.7", True),
        ("IpAddress", "203.0.113.7", "203.0.113.8", False),
        ("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", True),
        ("IpAddress", "2001:DB8:1234:5678::/64", "203.0.113.7", False),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.7", False),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
        ("ArnEquals", "arn:aws:sns:eu-west-1:123456789012:*", "arn:aws:sns:eu-west-1:123456789012:topic", True),
        ("ArnLike", "arn:aws:sns:*:123456789012:a?", "arn:aws:sns:eu-west-1:123456789012:ab", True),
        ("ArnLike", "arn:aws:sns:*:123456789012:a", "arn:aws:SNS:eu-west-1:123456789012:a", False),
        ("ArnLike", "arn:aws:s3:::b/*", "not an ARN", False),
        ("ArnNotLike", "arn:aws:sns:*:123456789012:a", "arn:aws:sns:eu-west-1:123456789012:b", True),
        ("ArnNotEquals", "arn:aws:sns:*:123456789012:a", "arn:aws:sns:eu-west-1:123456789012:a", False),
    ],
)
def test_operators_compare_as_documented(operator: str, policy: str, request_value: Any, expected: bool) -> None:
    assert ask(operator, policy, request_value) is expected


def test_a_wildcard_in_an_arn_operator_stays_between_its_colons() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    pattern = "arn:aws:someservice:*:111122223333:finance/*"
    value = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
    assert ask("StringLike", pattern, value) is True
    assert ask("ArnLike", pattern, value) is False


def test_a_wildcard_in_the_last_part_of_an_arn_crosses_colons() -> None:
    assert ask("ArnLike", "arn:aws:logs:*:*:log-group:*", "arn:aws:logs:eu-west-1:1:log-group:a:b") is True


def test_several_values_are_alternatives_and_none_of_them_where_negated() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
    assert ask("StringEquals", ["a", "b"], "b") is True
    assert ask("StringEquals", ["a", "b"], "c") is False
    assert ask("StringNotEquals", ["a", "b"], "b") is False
    assert ask("StringNotEquals", ["a", "b"], "c") is True


def test_all_keys_and_all_operators_have_to_hold() -> None:
    conditions = (Condition("StringEquals", "aws:a", ("x",)), Condition("Bool", "aws:b", ("true",)))
    assert hold(conditions, Context({"aws:a": "x", "aws:b": True})) is True
    assert hold(conditions, Context({"aws:a": "x", "aws:b": False})) is False
    assert hold(conditions, Context({"aws:a": "y", "aws:b": True})) is False
    assert hold((), Context({})) is True


def test_a_condition_that_fails_decides_over_one_that_is_not_known() -> None:
    conditions = (Condition("StringEquals", "aws:a", ("x",)), Condition("Bool", "aws:b", ("true",)))
    assert hold(conditions, Context({"aws:b": False})) is False
    assert isinstance(hold(conditions, Context({"aws:b": True})), Maybe)


# A key that the request does not have does not match, and a negated operator therefore holds.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists
@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("ArnNotLike", True),
        ("NotIpAddress", True),
        ("StringEqualsIfExists", True),
        ("StringNotEqualsIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAllValues:StringNotEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", True),
    ],
)
def test_a_missing_key(operator: str, expected: bool) -> None:
    assert ask(operator, "arn:aws:a:b:c:d", None) is expected
    assert ask(operator, "arn:aws:a:b:c:d", []) is expected


def test_if_exists_asks_no_less_of_a_key_that_is_there() -> None:
    assert ask("StringLikeIfExists", ["t1.*", "t2.*"], "m5.large") is False
    assert ask("StringLikeIfExists", ["t1.*", "t2.*"], "t2.micro") is True


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
@pytest.mark.parametrize(
    ("operator", "requested", "expected"),
    [
        ("ForAllValues:StringLike", ["PostDateTime", "Message"], True),
        ("ForAllValues:StringLike", ["PostDateTime", "UserName"], False),
        ("ForAnyValue:StringLike", ["UserName", "PostDateTime"], True),
        ("ForAnyValue:StringLike", ["UserName"], False),
        ("ForAllValues:StringNotEquals", ["UserName"], True),
        ("ForAllValues:StringNotEquals", ["UserName", "Tags"], False),
        ("ForAnyValue:StringNotEquals", ["UserName", "Tags"], True),
        ("ForAnyValue:StringNotEquals", ["Tags"], False),
    ],
)
def test_set_operators_go_over_the_values_of_a_key(operator: str, requested: list[str], expected: bool) -> None:
    assert ask(operator, ["PostDateTime", "Message", "Tags"], requested) is expected


def test_several_values_without_a_set_operator_are_undecided() -> None:
    truth = ask("StringEquals", "a", ["a", "b"])
    assert isinstance(truth, Maybe)
    assert KEY in truth.reason


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null
@pytest.mark.parametrize(("value", "expected"), [("x", False), (None, True)])
def test_null_tells_whether_a_key_is_there(value: str | None, expected: bool) -> None:
    assert ask("Null", "true", value) is expected
    assert ask("Null", "false", value) is not expected


def test_a_key_that_is_not_given_is_open_and_named() -> None:
    for operator in ("StringEquals", "StringNotEquals", "Null", "ForAllValues:StringEquals", "BoolIfExists"):
        truth = ask(operator, "true", "x", key="aws:SecureTransport", complete=False)
        assert isinstance(truth, Maybe), operator
        assert "aws:SecureTransport" in truth.reason


def test_in_a_complete_context_a_key_that_is_not_given_is_missing() -> None:
    assert ask("StringEquals", "a", "x", key="aws:other", complete=True) is False
    assert ask("Null", "true", "x", key="aws:other", complete=True) is True


def test_keys_and_operators_are_the_same_in_any_case() -> None:
    assert ask("stringequals", "a", "a", key="AWS:KEY") is True
    assert ask("FORALLVALUES:stringLIKEifexists", "a*", ["ab"], key="aws:Key") is True


def test_conditions_and_values_that_are_not_known_are_open() -> None:
    unknown = Unknown("data.aws_iam_policy_document.a", "statement[0].condition[0].values[0]")
    assert isinstance(ask("StringEquals", [unknown], "a"), Maybe)
    assert ask("StringEquals", [unknown, "a"], "a") is True
    assert isinstance(holds(Condition("", "", (unknown,)), Context({})), Maybe)
    assert isinstance(ask("Null", [unknown], "a"), Maybe)


@pytest.mark.parametrize(
    ("operator", "policy", "value"),
    [
        ("NumericEquals", "ten", "10"),
        ("NumericLessThan", "10", "ten"),
        ("DateEquals", "yesterday", "2020-01-01"),
        ("DateEquals", "2020-01-01", "1e400"),
        ("IpAddress", "300.0.0.0/8", "10.0.0.1"),
        ("IpAddress", "10.0.0.0/8", "somewhere"),
        ("IpAddress", "10.0.0.0/24", "10.0.0.0/8"),
        ("BinaryEquals", "!", "QQ=="),
        ("ArnLike", "arn:aws:iam::*", "arn:aws:iam::123456789012:role/a"),
    ],
)
def test_what_cannot_be_compared_is_open_also_where_negated(operator: str, policy: str, value: str) -> None:
    truth = ask(operator, policy, value)
    assert isinstance(truth, Maybe)
    assert truth.reason


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("home/${aws:username}/*", "home/carlos/x", True),
        ("home/${aws:username}/*", "home/other/x", False),
        ("${AWS:UserName}", "carlos", True),
        ("${*}", "*", True),
        ("${*}", "a", False),
        ("${?}${$}", "?$", True),
        ("${?}", "a", False),
        ("${aws:userid, 'anonymous'}", "anonymous", True),
        ("${aws:username, 'anonymous'}", "carlos", True),
        ("${aws:userid}", "", False),
        ("${aws:userid}", "anything", False),
        ("${aws:starred}", "a*c", True),
        ("${aws:starred}", "abc", False),
        ("${aws:TagKeys}", "a", False),
        ("${aws:TagKeys, 'a'}", "a", False),
        ("${", "${", True),
    ],
)
def test_policy_variables_stand_for_values_of_the_request(text: str, value: str, expected: bool) -> None:
    given: Mapping[str, Given] = {
        "aws:username": "carlos",
        "aws:userid": None,
        "aws:starred": "a*c",
        "aws:TagKeys": ["a", "b"],
    }
    assert ask("StringLike", text, value, given) is expected


def test_policy_variables_work_in_every_string_and_arn_operator() -> None:
    given: Mapping[str, Given] = {"aws:username": "carlos"}
    for operator, text in {
        "StringEquals": "${aws:username}",
        "StringEqualsIgnoreCase": "${aws:username}",
        "ArnLike": "arn:aws:iam::1:user/${aws:username}",
    }.items():
        value = text.replace("${aws:username}", "carlos")
        assert ask(operator, text, value, given) is True
        assert ask(operator, text, value + "x", given) is False


def test_a_policy_variable_is_ordinary_text_in_the_old_version() -> None:
    context = Context({KEY: "carlos", "aws:username": "carlos"})
    assert holds(Condition("StringEquals", KEY, ("${aws:username}",)), context, variables=False) is False


def test_wildcards_of_a_comparison_for_equality_mean_themselves_beside_a_variable() -> None:
    assert ask("StringEquals", "${aws:username}*", "carlosx", {"aws:username": "carlos"}) is False
    assert ask("StringEquals", "${aws:username}*", "carlos*", {"aws:username": "carlos"}) is True


def test_a_variable_that_is_not_given_is_open_only_where_it_matters() -> None:
    assert isinstance(ask("StringLike", "home/${aws:username}", "home/a", complete=False), Maybe)
    assert ask("StringLike", "home/${aws:username}", "work/a", complete=False) is False


def test_a_variable_without_a_value_leaves_a_negation_open() -> None:
    assert ask("StringNotEquals", "${aws:username}", "a", {"aws:username": None}) is not True
    assert ask("StringNotEquals", "x${aws:username}", "a", {"aws:username": None}) is True


def test_a_context_takes_texts_numbers_truths_and_lists_of_them() -> None:
    context = Context({"a": "x", "b": True, "c": 3, "d": ["x", 1], "e": None, "f": ()})
    assert [context.values(key) for key in "ABCDEF"] == [("x",), ("true",), ("3",), ("x", "1"), (), ()]
    with pytest.raises(PlanError, match="condition key a cannot be"):
        Context({"a": {"x": 1}})  # type: ignore[dict-item]


def test_every_operator_is_known_in_all_its_forms() -> None:
    for name in COMPARISONS:
        assert parse_operator(name) is not None
        assert isinstance(ask(name, "true", "true"), bool | Maybe)
    assert parse_operator("ForSomeValues:StringEquals") is None
    assert parse_operator("ForAllValues:Null") is None
    assert parse_operator("NotStringEquals") is None


TEXTS = st.text(alphabet="ab*?:", max_size=5)


@given(TEXTS, TEXTS)
def test_like_is_a_glob_over_the_whole_text(pattern: str, value: str) -> None:
    # fnmatch knows character classes, for which there is no letter in the alphabet
    assert ask("StringLike", pattern, value) is fnmatch.fnmatchcase(value, pattern)
    assert ask("StringNotLike", pattern, value) is not fnmatch.fnmatchcase(value, pattern)


@given(st.lists(TEXTS, min_size=1, max_size=3), st.lists(TEXTS, max_size=3))
def test_equality_and_its_sets_are_those_of_texts(policy: list[str], values: list[str]) -> None:
    assert ask("ForAllValues:StringEquals", policy, values) is all(value in policy for value in values)
    assert ask("ForAnyValue:StringEquals", policy, values) is any(value in policy for value in values)
    assert ask("ForAllValues:StringNotEquals", policy, values) is all(value not in policy for value in values)
    assert ask("ForAnyValue:StringNotEquals", policy, values) is any(value not in policy for value in values)


@given(st.integers(-20, 20), st.integers(-20, 20))
def test_numbers_are_compared_as_numbers(policy: int, value: int) -> None:
    assert ask("NumericLessThan", str(policy), value) is (value < policy)
    assert ask("NumericGreaterThanEquals", str(policy), value) is (value >= policy)
    assert ask("NumericNotEquals", str(policy), value) is (value != policy)


MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, MOMENTS)
def test_dates_are_compared_as_moments(policy: datetime, value: datetime) -> None:
    assert ask("DateLessThan", policy.isoformat(), value.isoformat()) is (value < policy)
    assert ask("DateGreaterThan", policy.isoformat(), str(value.timestamp())) is (value > policy)


@given(st.ip_addresses(v=4), st.integers(0, 32), st.ip_addresses(v=4))
def test_an_address_is_in_a_range(network: ipaddress.IPv4Address, length: int, value: ipaddress.IPv4Address) -> None:
    inside = int(network) >> (32 - length) == int(value) >> (32 - length)
    assert ask("IpAddress", f"{network}/{length}", str(value)) is inside
    assert ask("NotIpAddress", f"{network}/{length}", str(value)) is not inside


@given(st.binary(max_size=4), st.binary(max_size=4))
def test_bytes_are_compared_decoded(policy: bytes, value: bytes) -> None:
    first, second = (base64.b64encode(data).decode() for data in (policy, value))
    assert ask("BinaryEquals", first, second) is (policy == value)
