from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stackproof.errors import PlanError
from stackproof.plan.paths import Step, format_path, parse_path

STEPS = st.lists(st.integers(min_value=0) | st.text(), min_size=1).map(tuple)


@given(STEPS)
@example(("tags", 'a"b'))
@example(("tags", "back\\"))
@example(("tags", "\\"))
@example(("tags", '\\"'))
@example(("tags", ""))
@example(("tags", "line\nbreak\n"))
@example((0, "name"))
def test_every_path_can_be_written_and_read_back(steps: tuple[Step, ...]) -> None:
    assert parse_path(format_path(steps)) == steps


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("name", ("name",)),
        ("network_configuration[0].assign_public_ip", ("network_configuration", 0, "assign_public_ip")),
        ('tags["aws:team"]', ("tags", "aws:team")),
        ('tags["a.b[0]"].x', ("tags", "a.b[0]", "x")),
        ("matrix[1][22]", ("matrix", 1, 22)),
        (r'tags["say \"hi\""]', ("tags", 'say "hi"')),
        (r'tags["a\b"]', ("tags", r"a\b")),
    ],
)
def test_a_path_leads_by_names_indexes_and_quoted_keys(path: str, steps: tuple[Step, ...]) -> None:
    assert parse_path(path) == steps


@pytest.mark.parametrize("path", ["a..b", "a[", "a[x]", "a[-1]", 'a["b]', "a]", "a.", 'a"b', "[0]b"])
def test_text_that_is_no_path_is_refused_with_how_to_write_one(path: str) -> None:
    with pytest.raises(PlanError, match=r"is not a path\. Write it like"):
        parse_path(path)


def test_an_empty_path_is_refused() -> None:
    with pytest.raises(PlanError, match="empty"):
        parse_path("")


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        (("rule", 0, "name"), "rule[0].name"),
        (("tags", "aws:team"), 'tags["aws:team"]'),
        (("tags", "cost-center"), "tags.cost-center"),
    ],
)
def test_a_path_is_written_as_short_as_it_can_be(steps: tuple[Step, ...], path: str) -> None:
    assert format_path(steps) == path
