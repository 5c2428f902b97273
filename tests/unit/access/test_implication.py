"""Which conditions imply which: by hand for every kind of operator, and against evaluating requests."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof.analysis.access.comparison.implication import implies
from stackproof.analysis.access.documents.documents import Condition
from stackproof.analysis.access.evaluation.conditions import hold
from stackproof.analysis.access.evaluation.context import Context, Given
from stackproof.plan import Unknown

BUCKET, ALL_BUCKETS = "arn:aws:s3:::b", "arn:aws:s3:::*"


def when(operator: str, *values: str, key: str = "k") -> Condition:
    return Condition(operator, key, values)


IMPLIED = [
    (when("StringEquals", "a"), when("StringEquals", "a", "b")),
    (when("StringEquals", "b", "a"), when("StringEquals", "a", "b")),
    (when("StringEquals", "ab"), when("StringLike", "a*")),
    (when("StringLike", "a?"), when("StringLike", "a*")),
    (when("StringLike", "*"), when("StringLike", "a*", "?*", "")),
    (when("StringEquals", "a"), when("StringEqualsIgnoreCase", "A")),
    (when("StringEquals", "a"), when("StringNotEquals", "b")),
    (when("StringLike", "a*"), when("StringNotLike", "b*", "ca?")),
    (when("StringNotEquals", "a", "b"), when("StringNotEquals", "a")),
    (when("StringNotLike", "a*"), when("StringNotEquals", "ab")),
    (when("StringNotEqualsIgnoreCase", "AB"), when("StringNotEquals", "aB")),
    (when("StringEquals", "a"), when("StringEqualsIfExists", "a")),
    (when("StringEqualsIfExists", "a"), when("StringEqualsIfExists", "a", "b")),
    (when("ArnEquals", BUCKET), when("ArnLike", BUCKET)),
    (when("ArnLike", BUCKET), when("ArnLike", ALL_BUCKETS)),
    (when("StringEquals", BUCKET), when("ArnLike", "arn:*:s3:::?")),
    (when("ArnLike", BUCKET), when("StringLike", "arn:aws:s3*")),
    (when("ArnNotLike", ALL_BUCKETS), when("ArnNotEquals", BUCKET)),
    (when("Bool", "true"), when("Bool", "True")),
    (when("Bool", "true"), when("BoolIfExists", "true")),
    (when("Bool", "true"), when("Bool", "true", "false")),
    (when("Null", "false"), when("Bool", "true", "false")),
    (when("NumericLessThan", "5"), when("NumericLessThan", "6")),
    (when("NumericLessThan", "5"), when("NumericLessThanEquals", "5.0")),
    (when("NumericEquals", "3", "4"), when("NumericGreaterThan", "2")),
    (when("NumericGreaterThan", "7"), when("NumericNotEquals", "7", "3")),
    (when("DateLessThan", "2024-01-01T00:00:00Z"), when("DateLessThanEquals", "2024-01-01")),
    (when("DateGreaterThan", "1704067200"), when("DateGreaterThan", "2023-12-31")),
    (when("IpAddress", "10.1.0.0/16"), when("IpAddress", "10.0.0.0/8")),
    (when("IpAddress", "10.0.0.0/8"), when("IpAddress", "10.0.0.0/9", "10.128.0.0/9")),
    (when("IpAddress", "10.0.0.0/8"), when("NotIpAddress", "11.0.0.0/8", "2001:db8::/32")),
    (when("NotIpAddress", "10.0.0.0/8"), when("NotIpAddress", "10.1.0.0/16")),
    (when("StringEquals", "a"), when("Null", "false")),
    (when("Null", "true"), when("StringNotEquals", "a")),
    (when("Null", "true"), when("StringEqualsIfExists", "a")),
    (when("ForAllValues:StringEquals", "a"), when("ForAllValues:StringLike", "a", "b*")),
    (when("ForAnyValue:StringEquals", "a"), when("ForAnyValue:StringLike", "*")),
    (when("ForAnyValue:StringEquals", "a"), when("Null", "false")),
    (when("StringLike", "${aws:username}/*"), when("StringLike", "${AWS:UserName}/*", "x")),
    (when("StringEquals", "a", key="aws:SourceAccount"), when("stringequals", "a", key="AWS:sourceaccount")),
]

NOT_IMPLIED = [
    (when("StringEquals", "a", "b"), when("StringEquals", "a")),
    (when("StringEquals", "a"), when("StringEquals", "A")),
    (when("StringLike", "a*"), when("StringEquals", "a*")),
    (when("StringNotEquals", "a"), when("StringEquals", "b")),
    (when("StringNotEquals", "a"), when("StringNotEquals", "a", "b")),
    (when("StringEqualsIfExists", "a"), when("StringEquals", "a")),
    (when("StringNotEquals", "a"), when("Null", "false")),
    (when("ForAllValues:StringEquals", "a"), when("Null", "false")),
    (when("ArnLike", ALL_BUCKETS), when("ArnLike", BUCKET)),
    (when("StringLike", "arn:aws:*:b"), when("ArnLike", "arn:aws:*:*:*:b")),
    (when("Bool", "false"), when("Bool", "true")),
    (when("BoolIfExists", "true"), when("Bool", "true")),
    (when("NumericLessThan", "6"), when("NumericLessThan", "5")),
    (when("NumericLessThanEquals", "5"), when("NumericLessThan", "5")),
    (when("NumericLessThan", "5"), when("NumericGreaterThan", "4")),
    (when("DateGreaterThan", "2024-01-01"), when("DateGreaterThan", "2024-01-01T00:00:01Z")),
    (when("IpAddress", "10.0.0.0/8"), when("IpAddress", "10.1.0.0/16")),
    (when("IpAddress", "10.0.0.0/8"), when("IpAddress", "10.0.0.0/9")),
    (when("IpAddress", "10.0.0.0/8"), when("IpAddress", "10.0.0.0/9", "10.192.0.0/10")),
    (when("IpAddress", "10.0.0.0/8"), when("NotIpAddress", "10.1.2.3")),
    (when("NotIpAddress", "0.0.0.0/0"), when("IpAddress", "0.0.0.0/0")),
    (when("NotIpAddress", "10.0.0.0/8"), when("IpAddress", "0.0.0.0/0")),
    (when("Null", "false"), when("StringEquals", "a")),
    (when("Null", "false"), when("Null", "true")),
    (when("StringEquals", "a"), when("StringEquals", "a", key="other")),
    (when("ForAllValues:StringEquals", "a", "b"), when("ForAllValues:StringEquals", "a")),
    (when("ForAnyValue:StringEquals", "a"), when("ForAnyValue:StringEquals", "b")),
]

OPEN = [
    (when("StringEquals", "1"), when("NumericEquals", "1")),
    (when("ForAnyValue:StringEquals", "a"), when("StringEquals", "a")),
    (when("StringEquals", "a"), when("ForAllValues:StringEquals", "a")),
    (when("StringEquals", "${aws:username}"), when("StringNotEquals", "ann")),
    (when("StringEquals", "${aws:username}"), when("StringEquals", "ann")),
    (when("NumericEquals", "one"), when("NumericLessThan", "2")),
    (when("StringNotEquals", "a"), when("StringNotEqualsIgnoreCase", "A")),
    (when("StringEqualsIgnoreCase", "a"), when("StringEquals", "a")),
    (when("IpAddress", "10.0.0.0/40"), when("IpAddress", "10.0.0.0/8")),
    (when("ArnLike", BUCKET), when("ArnLike", "b")),
    (Condition("", "", ("?",)), when("Bool", "true")),
    (Condition("StringEquals", "k", (Unknown("a.b", "policy"),)), when("StringEquals", "a")),
    (when("StringEquals", "a"), Condition("StringEquals", "k", (Unknown("a.b", "policy"),))),
]


@pytest.mark.parametrize(("given", "wanted"), IMPLIED)
def test_conditions_imply_wider_ones(given: Condition, wanted: Condition) -> None:
    assert implies([given], [wanted]) is True


@pytest.mark.parametrize(("given", "wanted"), NOT_IMPLIED)
def test_conditions_do_not_imply_narrower_ones(given: Condition, wanted: Condition) -> None:
    assert implies([given], [wanted]) is False


@pytest.mark.parametrize(("given", "wanted"), OPEN)
def test_what_cannot_be_compared_is_not_decided(given: Condition, wanted: Condition) -> None:
    assert implies([given], [wanted]) is None


def test_no_condition_is_implied_by_anything_and_implies_none() -> None:
    assert implies([when("Bool", "true")], []) is True
    assert implies([], [when("Bool", "true")]) is False
    assert implies([], [when("StringLikeIfExists", "*")]) is True


def test_conditions_on_one_key_are_taken_together() -> None:
    between = [when("NumericGreaterThan", "3"), when("NumericLessThan", "5")]
    assert implies(between, [when("NumericNotEquals", "5")]) is True
    assert implies(between, [when("NumericEquals", "4")]) is False
    assert implies([when("StringLike", "a*"), when("StringNotEquals", "ab")], [when("StringNotEquals", "ab")]) is True
    assert implies([when("StringLike", "a*"), when("StringLike", "*b")], [when("StringLike", "a*b")]) is True


def test_every_wanted_condition_has_to_be_implied() -> None:
    both = [when("StringEquals", "a"), when("Bool", "true", key="tls")]
    assert implies(both, both[::-1]) is True
    assert implies(both[:1], both) is False
    assert implies(both, [both[0], OPEN[0][1]]) is None


STRINGS = ("a", "A", "ab", "*", "a*", "?")
ARNS = (BUCKET, ALL_BUCKETS, "arn:aws:*:::b", "arn:aws:s?:::b/c")
NUMBERS = ("1", "2", "3")
BLOCKS = ("10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.1.0.0/16")
DATES = ("2024-01-01T00:00:00Z", "1704067300", "2025-01-01")
EQUAL = ("Equals", "NotEquals")
ORDERS = (*EQUAL, "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
KINDS: list[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = [
    (
        (*(f"String{e}" for e in EQUAL), "StringLike", "StringNotLike", *(f"String{e}IgnoreCase" for e in EQUAL)),
        STRINGS,
        ("a", "A", "ab", "aB", "b", "x", ""),
    ),
    (("ArnLike", "ArnNotLike", "ArnEquals", "StringLike", "StringEquals"), ARNS, (BUCKET, "arn:aws:s3:::b:c", "x")),
    (tuple(f"Numeric{order}" for order in ORDERS), NUMBERS, ("0", "1", "1.5", "2", "2.5", "3", "4")),
    (tuple(f"Date{order}" for order in ORDERS), DATES, ("2023-01-01", "1704067250", "1704067300", "2026-01-01")),
    (("IpAddress", "NotIpAddress"), BLOCKS, ("10.0.0.1", "10.1.2.3", "10.200.0.1", "192.0.2.1", "2001:db8::1")),
    (("Bool",), ("true", "false"), ("true", "false")),
]


@st.composite
def questions(draw: st.DrawFn) -> tuple[list[Condition], Condition, tuple[str, ...]]:
    operators, texts, values = draw(st.sampled_from(KINDS))

    def condition() -> Condition:
        if draw(st.integers(0, 9)) == 0:
            return when("Null", draw(st.sampled_from(["true", "false"])))
        prefix = draw(st.sampled_from(["", "", "", "ForAllValues:", "ForAnyValue:"]))
        suffix = draw(st.sampled_from(["", "", "IfExists"]))
        listed = draw(st.lists(st.sampled_from(texts), min_size=1, max_size=3, unique=True))
        return when(f"{prefix}{draw(st.sampled_from(operators))}{suffix}", *listed)

    return [condition() for _ in range(draw(st.integers(0, 2)))], condition(), values


def contexts(values: Sequence[str]) -> list[Given]:
    return [None, *values, *(list(pair) for pair in itertools.combinations(values, 2))]


@given(questions())
def test_what_is_implied_holds_for_every_request(question: tuple[list[Condition], Condition, tuple[str, ...]]) -> None:
    given, wanted, values = question
    if implies(given, [wanted]):
        for value in contexts(values):
            context = Context({"k": value})
            assert hold(given, context) is not True or hold([wanted], context) is not False, value
