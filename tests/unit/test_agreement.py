"""An evaluated element is taken for the planned one with which it agrees in all that the plan knows."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.plan.resolution.agreement import agrees, partners


@pytest.mark.parametrize(
    ("known", "unknown", "made", "answer"),
    [
        (1, None, 1, True),
        (1, None, 2, False),
        (None, True, "anything", True),
        ({"a": 1, "b": None}, {"b": True}, {"a": 1, "b": "x"}, True),
        ({"a": 1, "b": None}, {"b": True}, {"a": 2, "b": "x"}, False),
        # a provider's default, which an override leaves out
        ({"a": 1, "default": 60}, {}, {"a": 1, "default": None}, True),
        ({"a": 1}, {}, {"a": 1, "more": 2}, True),
        ({"a": None}, {}, {"a": 2}, True),
        ([1, None], [False, True], [1, 2], True),
        ([1, None], [False, True], [2, 2], False),
        ([1], None, [1, 2], False),
        ([None], True, [1, 2], True),
        ([{"a": [None]}], [{"a": [True]}], [{"a": ["x"]}], True),
        ({"a": 1}, {}, [1], False),
    ],
)
def test_what_is_unknown_agrees_with_everything(known: Any, unknown: Any, made: Any, answer: bool) -> None:
    assert agrees(known, unknown, made) is answer


def test_elements_in_the_same_order_are_partners() -> None:
    known = [{"port": 80, "id": None}, {"port": 443, "id": None}]
    made = [{"port": 80, "id": "a"}, {"port": 443, "id": "b"}]
    assert partners(known, [{"id": True}] * 2, made) == made


def test_elements_of_a_set_find_their_partners_wherever_they_are() -> None:
    known = [{"port": 22, "ids": []}, {"port": 443, "ids": None}, {"port": 80, "ids": None}]
    made = [{"port": 80, "ids": ["a"]}, {"port": 22, "ids": []}, {"port": 443, "ids": ["b"]}]
    assert partners(known, [{}, {"ids": True}, {"ids": True}], made) == [made[1], made[2], made[0]]


def test_each_element_is_the_partner_of_one() -> None:
    made = [{"id": "a"}, {"id": "b"}, {"id": "c"}]
    assert partners([{"id": None}] * 2, [{"id": True}] * 2, made) == made[:2]
    assert partners([{"id": None}] * 2, [{"id": True}] * 2, made[:1]) == [made[0], None]


def test_an_element_that_agrees_with_none_has_no_partner() -> None:
    assert partners([{"port": 80}, {"port": 443}], [{}, {}], [{"port": 443}]) == [None, {"port": 443}]
    assert partners([{"port": 80}], [{}], []) == [None]
