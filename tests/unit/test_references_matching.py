"""Telling by a known value which of the attributes that can feed it do."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.plan.redaction import REDACTED
from stackproof.plan.references.found import Found
from stackproof.plan.references.instances import Instances
from stackproof.plan.references.matching import Matching
from stackproof.plan.wiring import Feed

DOUBT = "one of several"

A, B, WHOLE_A, WHOLE_B = Feed("t.a", "name"), Feed("t.b", "name"), Feed("t.a", ""), Feed("t.b", "")


def narrowed(a: Any, b: Any, value: Any, *feeds: Feed) -> tuple[set[Feed], bool]:
    """What is left of two attributes with these values, and whether a doubt is."""
    changes = [
        {
            "address": f"t.{name}",
            "mode": "managed",
            "type": "t",
            "name": name,
            "change": {"actions": ["no-op"], "after": {"name": known, "other": "other"}, "after_unknown": {"id": True}},
        }
        for name, known in (("a", a), ("b", b))
    ]
    found = Found(dict.fromkeys(feeds or (A, B), ()), doubts=(DOUBT,))
    left = Matching(Instances({"resource_changes": changes})).narrowed(found, value)
    return set(left.feeds), bool(left.doubts)


@pytest.mark.parametrize(
    ("a", "b", "value", "left", "doubted"),
    [
        ("one", "two", "one", {A}, False),
        ("one", "two", "One", {A}, False),
        ("one", "one", "one", {A, B}, True),
        ("one", "one-two", "one", {A}, False),
        ("one", "two", "arn:role/one", {A}, False),
        ("one", "two", "one-two", {A, B}, True),
        ("one", "8", "one-8", {A, B}, True),
        ("one", 8, "one-8", {A, B}, True),
        ("one", "8", "x-8", {A, B}, True),
        ("one", "two", "else", {A, B}, True),
        ("one", "two", ["one", "two"], {A, B}, False),
        ("one", "two", ["one", "else"], {A, B}, True),
        ("one", "two", {"k": ["one"]}, {A}, False),
        ("one", "two", [], {A, B}, True),
        ("one", "two", None, {A, B}, True),
        ("one", "", "one", {A}, False),
        (443, 80, 443, {A}, False),
        (True, False, True, {A}, False),
        (REDACTED, "two", REDACTED, {A, B}, True),
    ],
)
def test_a_value_tells_its_attribute(a: Any, b: Any, value: Any, left: set[Feed], doubted: bool) -> None:
    assert narrowed(a, b, value) == (left, doubted)


def test_an_instance_is_told_by_any_of_its_attributes() -> None:
    assert narrowed("one", "two", "two", WHOLE_A, WHOLE_B) == ({WHOLE_B}, False)
    assert narrowed("one", "two", "other", WHOLE_A, WHOLE_B) == ({WHOLE_A, WHOLE_B}, True)
    assert narrowed("one", "two", "x-one-two", A, WHOLE_B) == ({A, WHOLE_B}, True)


def test_nothing_is_left_to_tell_of_nothing() -> None:
    assert Matching(Instances({})).narrowed(Found(), "x") == Found()
