"""What boxes of actions and resources leave open, against trying every short action and resource."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from stackproof.analysis.access.patterns.regions import ALL, Box, Region, Texts, gap

TEXTS = ["".join(letters) for length in range(4) for letters in itertools.product("abx", repeat=length)]
patterns = st.text("ab**?", max_size=3)
texts = st.builds(Texts, st.lists(patterns, min_size=1, max_size=2).map(tuple), st.integers(0, 3).map(lambda n: n == 0))
boxes = st.builds(Box, texts, texts)


def holds(region: Region, action: str, resource: str) -> bool:
    return all(action in some for some in region.actions) and all(resource in some for some in region.resources)


@given(st.lists(boxes, min_size=1, max_size=2), st.lists(boxes, max_size=4))
def test_a_gap_is_found_where_there_is_one(inside: list[Box], covers: list[Box]) -> None:
    region = Region(tuple(box.actions for box in inside), tuple(box.resources for box in inside))
    found = gap(region, covers)
    if found is not None:
        assert holds(region, found.action, found.resource)
        assert not any(found.action in box.actions and found.resource in box.resources for box in covers)
        return
    for action in TEXTS:
        about = [box for box in covers if action in box.actions]
        for resource in TEXTS:
            assert not holds(region, action, resource) or any(resource in box.resources for box in about)


def test_boxes_cover_together_what_none_covers_alone() -> None:
    whole = Region((Texts(("a*",)),), (Texts(("b*",)),))
    halves = [
        Box(Texts(("a",)), ALL),
        Box(Texts(("a?*",)), Texts(("b",))),
        Box(Texts(("a?*",)), Texts(("b?",))),
        Box(Texts(("aa*",), is_rest=True), Texts(("b??*",))),
        Box(Texts(("aa*",)), Texts(("b", "b?"), is_rest=True)),
    ]
    assert gap(whole, halves) is None
    for number in range(len(halves)):
        assert gap(whole, halves[:number] + halves[number + 1 :]) is not None


def test_a_gap_reads_well() -> None:
    found = gap(Region((Texts(("s3:get*",)),), (Texts(("x",), is_rest=True),)), [Box(ALL, Texts(("y*",)))])
    assert found is not None
    assert (found.action, found.resource) == ("s3:getexample", "example")
