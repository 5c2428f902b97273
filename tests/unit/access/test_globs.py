"""Globs as sets of texts, against trying every short text."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof.analysis.access.patterns import globs
from stackproof.analysis.access.patterns.globs import PART, PART_ONE, SYMBOLS, Clause
from stackproof.verdict import Undecided

SYMBOL, OTHER_SYMBOL = chr(SYMBOLS[0]), chr(SYMBOLS[1])
# what a pattern does not name may also be in a text, here x; a colon ends a part
TEXTS = ["".join(letters) for length in range(6) for letters in itertools.product("a:x", repeat=length)]
patterns = st.text(f"aa::**?{PART}{PART_ONE}", max_size=5)
some = st.lists(patterns, max_size=2).map(tuple)
clauses = st.lists(st.builds(Clause, some, some), min_size=1, max_size=4).map(tuple)


def spells(pattern: str, text: str) -> bool:
    """Whether a pattern matches, by its definition."""
    if not pattern:
        return not text
    first, rest = pattern[0], pattern[1:]
    if first in ("*", PART):
        splits = (n for n in range(len(text) + 1) if first == "*" or ":" not in text[:n])
        return any(spells(rest, text[n:]) for n in splits)
    fits = {"?": True, PART_ONE: text[:1] != ":"}.get(first, text[:1] == first)
    return bool(text) and fits and spells(rest, text[1:])


def meets(clause: Clause, text: str) -> bool:
    return any(spells(p, text) for p in clause.some) or not all(spells(p, text) for p in clause.not_all)


@given(patterns, st.sampled_from(TEXTS))
def test_a_pattern_matches_what_it_spells(pattern: str, text: str) -> None:
    assert globs.matches(pattern, text) == spells(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text", "does"),
    [("*b*c*", "bcb", True), ("*b*c*", "cb", False), ("*ab*b", "aab", False), (f"*b{PART}*c", "b:c", True)],
)
def test_the_parts_of_a_pattern_are_found_wherever_they_are(pattern: str, text: str, does: bool) -> None:
    assert globs.matches(pattern, text) is does


@given(clauses)
def test_a_text_that_meets_all_clauses_is_found_where_there_is_one(wanted: tuple[Clause, ...]) -> None:
    found = globs.solve(wanted)
    if found is None:
        assert not [text for text in TEXTS if all(meets(clause, text) for clause in wanted)]
    else:
        assert all(meets(clause, found) for clause in wanted)


@given(patterns, patterns)
def test_patterns_overlap_where_they_share_a_text(one: str, other: str) -> None:
    shared = [text for text in TEXTS if spells(one, text) and spells(other, text)]
    assert globs.overlaps(one, other) == globs.overlaps(other, one)
    assert globs.overlaps(one, other) or not shared
    # the shortest text that they share is no longer than both together
    assert shared or not globs.overlaps(one, other) or len(one) + len(other) > len(TEXTS[-1])


@given(patterns, st.lists(patterns, max_size=3))
def test_what_is_included_has_no_text_outside(narrow: str, wide: list[str]) -> None:
    outside = [text for text in TEXTS if spells(narrow, text) and not any(spells(p, text) for p in wide)]
    assert not (globs.includes(wide, narrow) and outside)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (["arn:aws:s3:::b/*"], "arn:aws:s3:::b/x/*"),
        (["s3:*"], "s3:get?bject"),
        (["a*", "b*"], "a*b"),
        (["*?"], "?*"),
        (["a", "a?*"], "a*"),
        ([f"a{PART}"], f"a{PART_ONE}"),
        ([f"{PART}:*"], f"a{PART}:{PART}"),
    ],
)
def test_one_pattern_is_in_others(wide: list[str], narrow: str) -> None:
    assert globs.includes(wide, narrow)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (["arn:aws:s3:::b/x"], "arn:aws:s3:::b/*"),
        (["arn:aws:s3:::b/?"], "arn:aws:s3:::b/*"),
        (["a?*"], "a*"),
        (["S3:*"], "s3:*"),
        ([f"a{PART}"], "a*"),
        ([f"a{PART_ONE}"], "a?"),
        ([], "a"),
    ],
)
def test_one_pattern_is_not_in_others(wide: list[str], narrow: str) -> None:
    found = globs.witness(narrow, wide)
    assert found is not None
    assert globs.matches(narrow, found)
    assert not any(globs.matches(pattern, found) for pattern in wide)


def test_a_witness_reads_well_where_it_can() -> None:
    assert globs.witness("arn:aws:s3:::b/*", ["arn:aws:s3:::b/x"]) == "arn:aws:s3:::b/example"
    assert globs.witness("arn:aws:s3:::b/*", ["*example*"]) == "arn:aws:s3:::b/other"


def test_a_symbol_is_covered_by_itself_and_by_any_run_only() -> None:
    assert globs.includes([f"home/{SYMBOL}/*"], f"home/{SYMBOL}/x")
    assert globs.includes(["home/*"], f"home/{SYMBOL}")
    assert not globs.includes(["home/?"], f"home/{SYMBOL}")
    assert not globs.includes([f"home/{PART}"], f"home/{SYMBOL}")
    assert not globs.includes([f"home/{OTHER_SYMBOL}"], f"home/{SYMBOL}")
    assert not globs.includes([f"home/{SYMBOL}"], "home/ann")


def test_a_symbol_is_not_one_character_where_a_text_has_to_be_looked_for() -> None:
    readable = [f"*/{word}" for word in globs.WORDS]
    assert not globs.includes(["home/?/*", *readable], f"home/{SYMBOL}/*")


def test_a_clause_is_lost_only_where_all_of_its_patterns_match() -> None:
    unreadable = [Clause(not_all=(pattern,)) for pattern in ("a", "aa", "aexample", "aother")]
    assert globs.solve((Clause(some=("a*",)), Clause(not_all=("a*", "*b*")), *unreadable)) is not None
    assert globs.solve((Clause(some=("a*b",)), Clause(not_all=("a*", "*b*")))) is None


def test_a_symbol_may_stand_for_a_text_of_another_pattern() -> None:
    assert globs.overlaps(f"home/{SYMBOL}", "home/ann")
    assert globs.overlaps("home/ann", f"home/{SYMBOL}")
    assert not globs.overlaps(f"home/{SYMBOL}", "house/ann")


def test_hundreds_of_patterns_are_one_question() -> None:
    wide = [f"arn:aws:s3:::bucket-{number}/*" for number in range(400)]
    assert all(globs.includes(wide, f"arn:aws:s3:::bucket-{number}/x*y") for number in range(0, 400, 40))
    assert globs.witness("arn:aws:s3:::bucket-?/*", wide) == "arn:aws:s3:::bucket-x/example"
    assert globs.includes([*wide, "arn:aws:s3:::bucket-*a*", "*x/*"], "arn:aws:s3:::bucket-x/b")


def test_patterns_that_would_take_too_long_are_undecided() -> None:
    with pytest.raises(Undecided, match="too intricate"):
        globs.includes([f"*a{'?' * 30}?*"], f"*a{'?' * 30}b*")
