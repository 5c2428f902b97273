from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from stackproof.errors import PlanError
from stackproof.plan.paths import Step, format_path
from stackproof.plan.values import (
    Block,
    Items,
    Sensitive,
    SensitiveValueError,
    Unknown,
    Withheld,
    follow,
    from_json,
    merge,
)
from stackproof.verdict import Undecided

U = Unknown("a.b", "path")
S = Sensitive("a.b", "path")


class Mark:
    """A leaf in a generated tree that stands for an unknown (or sensitive) value."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return self.kind


UNKNOWN = Mark("unknown")
SENSITIVE = Mark("sensitive")


def trees(*marks: Mark) -> st.SearchStrategy[Any]:
    leaves = st.sampled_from([0, 1, "x", *marks])
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
        max_leaves=4,
    )


def three_parts(tree: Any) -> tuple[Any, Any, Any]:
    """A tree as Terraform writes it: the known values, what is unknown, what is sensitive."""
    if tree is UNKNOWN:
        return None, True, False
    if tree is SENSITIVE:
        return "hidden", False, True
    if isinstance(tree, dict):
        parts = {key: three_parts(value) for key, value in tree.items()}
        return (
            {key: known for key, (known, _, _) in parts.items() if tree[key] is not UNKNOWN},
            {key: unknown for key, (_, unknown, _) in parts.items() if unknown},
            {key: sensitive for key, (_, _, sensitive) in parts.items() if sensitive},
        )
    if isinstance(tree, list):
        items = [three_parts(value) for value in tree]
        return ([known for known, _, _ in items], [u or False for _, u, _ in items], [s or False for _, _, s in items])
    return tree, False, False


def merged(tree: Any) -> Any:
    return merge(*three_parts(tree), "a.b")


def plain(value: Any) -> Any:
    if isinstance(value, Withheld):
        return UNKNOWN if isinstance(value, Unknown) else SENSITIVE
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def subtrees(tree: Any) -> list[Any]:
    below = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return [tree, *itertools.chain.from_iterable(subtrees(item) for item in below)]


def marks_in(tree: Any) -> int:
    return sum(part is UNKNOWN for part in subtrees(tree))


def filled(tree: Any, values: list[Any]) -> Any:
    """The tree with its unknown leaves replaced by the next of the values."""
    if tree is UNKNOWN:
        return values.pop()
    if isinstance(tree, dict):
        return {key: filled(value, values) for key, value in tree.items()}
    return [filled(value, values) for value in tree] if isinstance(tree, list) else tree


def three_valued(question: Callable[[], Any]) -> bool | None:
    try:
        return bool(question())
    except Undecided:
        return None


def brute_force(left: Any, right: Any, question: Callable[[Any, Any], bool]) -> bool | None:
    """The answer for every value that the unknown leaves may turn out to have; None where the answers differ."""
    count = marks_in(left) + marks_in(right)
    zeros = [0] * count
    possible = [filled(part, list(zeros)) for part in subtrees(left) + subtrees(right)] + ["like no other"]
    distinct = [value for number, value in enumerate(possible) if value not in possible[:number]]
    answers = set()
    for values in itertools.product(distinct, repeat=count):
        rest = list(values)
        answers.add(question(filled(left, rest), filled(right, rest)))
    return answers.pop() if len(answers) == 1 else None


@st.composite
def twins(draw: st.DrawFn) -> tuple[Any, Any]:
    """Two trees that mostly agree, with three unknown leaves between them at most."""

    def twin(part: Any) -> Any:
        if draw(st.integers(0, 3)) == 0:
            return draw(trees(UNKNOWN))
        if isinstance(part, dict):
            return {key: twin(value) for key, value in part.items()}
        return [twin(value) for value in part] if isinstance(part, list) else part

    left = draw(trees(UNKNOWN))
    right = twin(left)
    assume(marks_in(left) + marks_in(right) <= 3)
    return left, right


FEW_MARKS = trees(UNKNOWN).filter(lambda tree: marks_in(tree) <= 2)


@given(twins())
@example(([UNKNOWN, 0], [UNKNOWN, 1]))
@example(({"a": UNKNOWN, "b": 0}, {"a": 0, "b": 1}))
def test_equality_is_decided_exactly_where_every_outcome_agrees(pair: tuple[Any, Any]) -> None:
    left, right = pair
    expected = brute_force(left, right, operator.eq)
    assert three_valued(lambda: merged(left) == merged(right)) is expected
    assert three_valued(lambda: merged(left) != merged(right)) is (None if expected is None else not expected)


@example([UNKNOWN, "x"], "x")
@given(st.lists(FEW_MARKS, max_size=3).filter(lambda tree: marks_in(tree) <= 2), FEW_MARKS)
def test_membership_is_decided_exactly_where_every_outcome_agrees(items: list[Any], wanted: Any) -> None:
    expected = brute_force(items, wanted, lambda some, one: one in some)
    assert three_valued(lambda: merged(wanted) in merged(items)) is expected


@given(FEW_MARKS, FEW_MARKS)
def test_equality_with_plain_data_is_the_same_on_either_side(left: Any, right: Any) -> None:
    known = filled(right, [0, 0])
    expected = brute_force(left, known, operator.eq)
    assert three_valued(lambda: merged(left) == known) is expected
    assert three_valued(lambda: known == merged(left)) is expected


@given(trees(UNKNOWN, SENSITIVE))
def test_the_three_parts_of_a_value_become_one_tree_again(tree: Any) -> None:
    assert plain(merged(tree)) == tree


@given(trees(UNKNOWN, SENSITIVE))
def test_every_withheld_leaf_knows_the_path_that_leads_to_it(tree: Any) -> None:
    value = merged(tree)

    def visit(part: Any, steps: tuple[Step, ...]) -> None:
        if isinstance(part, Withheld):
            assert part.path == format_path(steps)
            assert follow(value, steps) is part
        elif isinstance(part, dict):
            for key, item in part.items():
                visit(item, (*steps, key))
        elif isinstance(part, list):
            for number, item in enumerate(part):
                visit(item, (*steps, number))

    visit(value, ())


USES: list[Callable[[Any], object]] = [
    lambda v: v == 1,
    lambda v: operator.eq(1, v),
    lambda v: v != 1,
    lambda v: v < 1,
    lambda v: operator.le(1, v),
    lambda v: v > "a",
    lambda v: bool(v),
    lambda v: not v,
    lambda v: len(v),
    lambda v: list(v),
    lambda v: "x" in v,
    lambda v: v in ["x", "y"],
    lambda v: v in {"x", "y"},
    lambda v: {v: 1},
    lambda v: v[0],
    lambda v: v.startswith("x"),
    lambda v: str(v),
    lambda v: f"{v}",
    lambda v: "%s" % v,  # noqa: UP031
    lambda v: int(v),
    lambda v: float(v),
    lambda v: range(v),
    lambda v: v + "x",
    lambda v: "x" + v,
    lambda v: v - 1,
    lambda v: 10 / v,
    lambda v: v * 2,
    lambda v: 7 % v,
    lambda v: v // 2,
    lambda v: sorted([v, 1]),
    lambda v: [1, v] == [1, 2],
]


@pytest.mark.parametrize("use", USES)
def test_whatever_depends_on_an_unknown_value_is_undecided(use: Callable[[Any], object]) -> None:
    with pytest.raises(Undecided, match=r"a\.b: path is undecided"):
        use(U)


@pytest.mark.parametrize("use", USES)
def test_whatever_depends_on_a_sensitive_value_is_refused(use: Callable[[Any], object]) -> None:
    with pytest.raises(SensitiveValueError, match=r"a\.b: path is sensitive, and its value is not kept\. Assert that"):
        use(S)


def test_reading_an_unknown_value_is_fine() -> None:
    assert isinstance(U, Unknown)
    assert U is not None
    assert repr(U) == "(known after apply)"
    assert repr([S, U]) == "[(sensitive value), (known after apply)]"


def test_a_list_that_differs_in_a_known_part_differs_whatever_the_rest_will_be() -> None:
    assert Items([U, 1]) != [U, 2]
    assert Items([U]) != [1, 2]
    assert Block(a=U, b=1) != {"a": 1, "b": 2}
    assert Block(a=U) != {"b": 1}


def test_a_known_member_is_found_beside_an_unknown_one() -> None:
    assert "x" in Items([U, "x"])
    with pytest.raises(Undecided):
        assert "y" in Items([U, "x"])


@pytest.mark.parametrize("other", [None, 1, "x", (), (1,), {1}])
def test_lists_and_maps_differ_from_every_other_kind_of_thing(other: object) -> None:
    for value in (Items([1]), Block(a=1), Items([U]), Block(a=U)):
        assert value != other
        assert not value == other  # noqa: SIM201  # both operators are asked
        assert other != value
    assert Items() != {}
    assert Block() != []


def test_an_object_that_matches_anything_still_does() -> None:
    assert Items([1]) == mock.ANY
    assert Block(a=1) == mock.ANY


def test_a_set_value_is_no_hashable_key() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Items())
    with pytest.raises(TypeError, match="unhashable"):
        hash(Block())


def test_null_is_known_and_not_sensitive() -> None:
    value = merge({"a": None, "b": None}, {"a": True}, {"b": True}, "x.y")
    assert isinstance(value["a"], Unknown)
    assert value["b"] is None


def test_a_whole_map_or_list_may_be_withheld() -> None:
    value = merge({"a": {"b": 1}, "c": [1]}, {"d": True}, {"a": True, "c": True}, "x.y")
    assert [type(value[key]) for key in "acd"] == [Sensitive, Sensitive, Unknown]


def test_an_absent_map_with_unknown_parts_is_a_map() -> None:
    value = merge(None, {"a": {"b": True}}, False, "x.y")
    assert value["a"]["b"].path == "a.b"


def test_marks_without_truth_add_nothing() -> None:
    value = merge({"a": 1, "c": [1, 2]}, {"b": {}, "c": [False], "d": [], "e": False}, {}, "x.y")
    assert value == {"a": 1, "c": [1, 2]}


def test_unknown_wins_over_sensitive() -> None:
    assert isinstance(merge(None, True, True, "x.y"), Unknown)


def test_the_way_into_a_value_ends_at_what_is_withheld() -> None:
    value = Block(a=U, b=Items([1]))
    assert follow(value, ("a", "deep", 3)) is U
    assert follow(value, ("b", 0)) == 1


@pytest.mark.parametrize("steps", [("z",), ("b", 1), ("b", "x"), ("b", 0, "x"), (0,)])
def test_a_way_that_leads_nowhere_is_a_lookup_error(steps: tuple[Step, ...]) -> None:
    with pytest.raises(LookupError):
        follow(Block(b=Items([1])), steps)


def test_json_text_becomes_data_that_compares_like_any_other() -> None:
    data = from_json('{"Statement": [{"Effect": "Allow"}]}', "x.y", "policy")
    assert data["Statement"][0] == {"Effect": "Allow"}
    assert isinstance(data["Statement"], Items)


def test_every_text_in_a_document_is_read_and_every_key() -> None:
    seen = []

    def read(text: str, address: str, path: str) -> str:
        seen.append((text, address, path))
        return text.upper()

    data = from_json('{"key": ["text", 1, {"inner": true}]}', "x.y", "policy", read=read)
    assert data == {"KEY": ["TEXT", 1, {"INNER": True}]}
    assert seen == [(text, "x.y", "policy") for text in ("key", "text", "inner")]


def test_text_that_is_no_json_names_address_and_path() -> None:
    with pytest.raises(PlanError, match=r"^x\.y: policy does not hold JSON: "):
        from_json("{", "x.y", "policy")
