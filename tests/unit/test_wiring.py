"""Wiring answers True or False where that is certain, and texts with tokens compare only with each other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from stackproof.plan.values import Block, Items, Sensitive, SensitiveValueError, Unknown
from stackproof.plan.wiring import Feed, Traced, Wiring, plain
from stackproof.verdict import Undecided

ONE = Feed("aws_subnet.a[0]", "id")
TWO = Feed("aws_subnet.a[1]", "id")
OTHER = Feed("aws_vpc.b", "arn")

EXACT = Wiring((ONE, TWO))
NOTHING = Wiring()
PERHAPS = Wiring((ONE, TWO), exact=False, reason="which is not known", address="aws_lb.this", path="subnets")
CERTAIN = replace(PERHAPS, certain=(ONE,))
PERHAPS_NOTHING = replace(PERHAPS, feeds=())
INCOMPLETE = replace(PERHAPS, complete=False)


@dataclass
class Thing:
    address: str


@pytest.mark.parametrize(
    ("sources", "answer"),
    [
        ((ONE, TWO), True),
        ((TWO, ONE), True),
        (([ONE, TWO],), True),
        (("aws_subnet.a",), True),
        (("aws_subnet.a[0]", "aws_subnet.a[1]"), True),
        (("aws_subnet.a[0].id", TWO), True),
        ((Thing("aws_subnet.a[0]"), [Thing("aws_subnet.a[1]")]), True),
        ((ONE,), False),
        ((ONE, TWO, OTHER), False),
        (("aws_subnet.a", "aws_vpc.b"), False),
        (("aws_subnet",), False),
        ((Feed("aws_subnet.a[0]", "arn"), TWO), False),
        ((), False),
    ],
)
def test_exactly_is_each_of_these_and_nothing_else(sources: tuple[object, ...], answer: bool) -> None:
    assert EXACT.is_exactly(*sources) is answer  # type: ignore[arg-type]  # what a test may pass


@pytest.mark.parametrize(
    ("sources", "answer"),
    [((ONE, TWO), True), ((ONE, TWO, OTHER), True), (("aws_subnet.a",), True), ((ONE,), False), ((OTHER,), False)],
)
def test_only_is_nothing_but_these(sources: tuple[Feed, ...], answer: bool) -> None:
    assert EXACT.is_only(*sources) is answer


@pytest.mark.parametrize(
    ("sources", "answer"), [((ONE,), True), (("aws_subnet.a",), True), ((OTHER, TWO), True), ((OTHER,), False)]
)
def test_any_is_at_least_one_of_these(sources: tuple[Feed, ...], answer: bool) -> None:
    assert EXACT.is_any_of(*sources) is answer


def test_what_nothing_feeds_is_exactly_nothing() -> None:
    assert NOTHING.is_exactly()
    assert not NOTHING.is_only(ONE)
    assert not NOTHING.is_any_of(ONE)


def test_what_cannot_be_is_false_even_where_the_rest_is_not_known() -> None:
    assert PERHAPS.is_exactly(OTHER) is False
    assert PERHAPS.is_only(OTHER) is False
    assert PERHAPS.is_any_of(OTHER) is False


def test_nothing_but_what_may_be_is_only_these() -> None:
    assert PERHAPS.is_only("aws_subnet.a") is True


def test_what_certainly_feeds_a_value_is_one_of_these() -> None:
    assert CERTAIN.is_any_of(ONE) is True
    assert replace(PERHAPS, feeds=(ONE,)).is_any_of(ONE) is True


@pytest.mark.parametrize(
    "ask",
    [
        lambda: PERHAPS.is_exactly(ONE),
        lambda: PERHAPS.is_exactly(ONE, TWO),
        lambda: PERHAPS.is_only(ONE),
        lambda: PERHAPS.is_any_of(ONE),
        lambda: CERTAIN.is_any_of(TWO),
        lambda: PERHAPS_NOTHING.is_exactly(),
        lambda: PERHAPS_NOTHING.is_only(ONE),
        lambda: PERHAPS_NOTHING.is_any_of(ONE),
        lambda: INCOMPLETE.is_exactly(OTHER),
        lambda: INCOMPLETE.is_only(ONE, TWO),
        lambda: INCOMPLETE.is_any_of(OTHER),
        PERHAPS.require_exact,
    ],
)
def test_what_a_superset_leaves_open_is_undecided(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(Undecided, match=r"aws_lb\.this: subnets .*its wiring is not exact: which is not known"):
        ask()


def test_a_wiring_lists_its_feeds_and_addresses() -> None:
    wiring = Wiring((ONE, Feed("aws_subnet.a[0]", "arn"), TWO))
    assert list(wiring) == list(wiring.feeds)
    assert len(wiring) == 3
    assert wiring.addresses == ("aws_subnet.a[0]", "aws_subnet.a[1]")


def test_a_wiring_says_what_it_is() -> None:
    assert repr(EXACT) == "fed by aws_subnet.a[0].id, aws_subnet.a[1].id"
    assert repr(NOTHING) == "fed by nothing"
    assert repr(PERHAPS) == "perhaps fed by aws_subnet.a[0].id, aws_subnet.a[1].id (which is not known)"
    assert str(Feed("module.a", "")) == "module.a"


ARN = Traced("arn:aws:iam::123456789012:role/a", (Feed("aws_iam_role.a", "arn"),), "aws_lb.this", "role")
ID = Traced("sg-1", (ONE,), "aws_lb.this", "groups[0]")


def test_texts_with_tokens_are_equal_where_they_are_the_same_text() -> None:
    assert Traced("sg-1", (), "aws_elsewhere.this", "id") == ID
    assert Traced("sg-2", (ONE,), "aws_lb.this", "groups[0]") != ID
    assert len({ID, Traced("sg-1", (), "", ""), ARN}) == 2


@pytest.mark.parametrize(
    "compare",
    [
        lambda: ID == "sg-1",
        lambda: ID != "sg-1",
        lambda: "sg-1" == ID,  # noqa: SIM300  # which side asks must not matter
        lambda: "sg-1" in ["sg-2", ID],
        lambda: Items([ID]) == ["sg-1"],
        lambda: Block(a=ID) == {"a": "sg-1"},
        lambda: "sg-2" in Items([ID]),
    ],
)
def test_a_text_with_tokens_and_another_are_neither_equal_nor_different(compare: object) -> None:
    assert callable(compare)
    with pytest.raises(Undecided, match=r"aws_lb\.this: groups\[0\]"):
        compare()


def test_an_arn_that_only_an_apply_makes_may_be_any_arn_but_nothing_else() -> None:
    with pytest.raises(Undecided):
        _ = ARN == "arn:aws:iam::123456789012:role/a"
    assert ARN != "*"
    assert ARN != ""
    assert ID != ""
    assert ARN is not None


def test_a_text_with_tokens_tells_what_feeds_it() -> None:
    assert repr(ARN) == "<aws_iam_role.a.arn>"
    assert repr(Traced("a-b", (ONE, TWO), "", "")) == "'a-b'"
    assert (ID.feeds, ID.address, ID.path, ID.raw) == ((ONE,), "aws_lb.this", "groups[0]", "sg-1")
    assert ARN.startswith("arn:aws:iam::")


def test_a_plain_value_is_ordinary_data() -> None:
    value = plain(Block(a=Items([ID, 1, None]), b="x"))
    assert value == {"a": ["sg-1", 1, None], "b": "x"}
    assert {type(value), type(value["a"]), type(value["a"][0])} == {dict, list, str}


def test_a_plain_value_has_nothing_withheld_in_it() -> None:
    with pytest.raises(Undecided):
        plain(Block(a=Items([Unknown("aws_lb.this", "a[0]")])))
    with pytest.raises(SensitiveValueError):
        plain(Block(a=Sensitive("aws_lb.this", "a")))
