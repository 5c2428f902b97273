"""How failed tests are explained: which argument, expected what, got what, where that is written, how it came there."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from stackproof.plan import Feed, Resource, Traced, reads
from stackproof.pytest_plugin import explanation as explanations

if TYPE_CHECKING:
    from tests.unit.conftest import Project, Ran

DOORS = """
resource "terraform_data" "key" {}

resource "terraform_data" "lock" {
  input = terraform_data.key.id
}

locals {
  lock = terraform_data.lock.id
}

resource "terraform_data" "door" {
  input = local.lock
}

resource "terraform_data" "window" {
  input = ["wood", "glass"]
}

resource "terraform_data" "curtain" {
  input = "wool"
}

resource "terraform_data" "rule" {
  input = jsonencode({ Statement = [{ Effect = "Allow", Condition = { Bool = "false" } }] })
}
"""

TESTS = """
from stackproof.analysis.wiring import consumers

def test_exactly(plan):
    door, key = plan["terraform_data.door"], plan["terraform_data.key"]
    assert door.wired("input").is_exactly(key)

def test_none_of(plan):
    door, lock = plan["terraform_data.door"], plan["terraform_data.lock"]
    assert not door.wired("input").is_any_of(lock)

def test_chosen_by_wiring(plan):
    chosen = [one for one in plan if one.wired("input").is_any_of("terraform_data.key")]
    assert len(chosen) == 8

def test_in_any_order(plan):
    assert set(plan["terraform_data.window"]["input"]) == {"glass", "steel"}

def test_two_reads(plan):
    assert plan["terraform_data.window"]["input[0]"] == plan["terraform_data.curtain"]["input"]

def test_part_of_a_document(plan):
    [statement] = plan["terraform_data.rule"].document("input")["Statement"]
    assert statement["Condition"] == {"Bool": "true"}

def test_unpacked(plan):
    [only] = plan["terraform_data.window"]["input"]

def test_used(plan):
    assert {use.address for use in consumers(plan, "terraform_data.key")} == {"terraform_data.door"}
"""


@pytest.fixture(scope="module")
def ran(new_project: Callable[[], Project]) -> Ran:
    project = new_project()
    project.write("doors/main.tf", DOORS)
    project.settings('[tool.stackproof.stacks.doors]\nfolder = "doors"')
    project.write("tests/test_doors.py", textwrap.dedent(TESTS))
    return project.pytest("--tb=short", COLUMNS="500")


def explanation(ran: Ran, test: str) -> list[str]:
    """What is printed below the title of one test."""
    titles = [number for number, line in enumerate(ran.lines) if line.startswith("____")]
    start = next(number for number in titles if f" {test}[default] " in ran.lines[number])
    end = next((number for number in titles if number > start), len(ran.lines))
    return ran.lines[start:end]


KEY, SAME_KEY_AND_MORE = (
    Traced(text, (Feed("aws_kms_key.this", "id"),), "aws_sns_topic.this", "kms_master_key_id")
    for text in ("key/1", "key/1/more")
)

EXACTLY = (
    "terraform_data.door: input: expected fed by exactly terraform_data.key, "
    "got fed by terraform_data.lock.id, at doors/main.tf:13"
)


def test_a_question_about_wiring_tells_argument_expected_got_and_place_before_all_else(ran: Ran) -> None:
    first = next(line for line in explanation(ran, "test_exactly") if line.startswith("E "))
    assert first.split(maxsplit=1) == ["E", EXACTLY]


def test_the_summary_tells_it_first_too(ran: Ran) -> None:
    assert ran.line("FAILED", "test_exactly[default]").endswith(f" - {EXACTLY}")


def test_the_way_of_a_value_is_told(ran: Ran) -> None:
    [way] = [line.strip() for line in explanation(ran, "test_exactly") if " <- " in line]
    assert way == (
        "argument terraform_data.door.input (doors/main.tf:13) <- local lock (doors/main.tf:9) <- "
        "resource terraform_data.lock.id (doors/main.tf:4)"
    )


def test_a_question_that_should_be_denied_says_so(ran: Ran) -> None:
    assert (
        "terraform_data.door: input: expected not fed by any of terraform_data.lock, "
        "got fed by terraform_data.lock.id, at doors/main.tf:13"
    ) in "\n".join(explanation(ran, "test_none_of"))


def test_a_question_by_which_resources_were_chosen_is_not_taken_for_the_reason(ran: Ran) -> None:
    assert "expected fed by" not in "\n".join(explanation(ran, "test_chosen_by_wiring"))


def test_a_list_is_known_again_in_any_order(ran: Ran) -> None:
    [line] = [line for line in explanation(ran, "test_in_any_order") if "expected" in line]
    assert "terraform_data.window: input: expected {" in line
    assert "'steel'" in line.split(", got ")[0]


def test_of_two_values_that_were_read_the_left_one_was_to_be_right(ran: Ran) -> None:
    told = "terraform_data.window: input[0]: expected 'wool', got 'wood'"
    assert told in "\n".join(explanation(ran, "test_two_reads"))


def test_an_explained_comparison_is_not_explained_again(ran: Ran) -> None:
    shown = [line for line in explanation(ran, "test_two_reads") if line.startswith("E ")]
    assert len(shown) == 2


def test_a_part_of_a_document_is_told_with_its_path(ran: Ran) -> None:
    told = "terraform_data.rule: input.Statement[0].Condition: expected {'Bool': 'true'}, got {'Bool': 'false'}"
    assert told in "\n".join(explanation(ran, "test_part_of_a_document"))


def test_texts_with_the_same_token_are_told_apart() -> None:
    topic = Resource(
        address="aws_sns_topic.this",
        module="",
        mode="managed",
        type="aws_sns_topic",
        name="this",
        index=None,
        provider="",
        raw={},
        values=({"kms_master_key_id": SAME_KEY_AND_MORE}, None, None),
        sources=None,
    )
    with reads.recording():
        told = explanations.compared("==", topic["kms_master_key_id"], KEY)
    assert told == [
        "aws_sns_topic.this: kms_master_key_id: expected 'key/1', got 'key/1/more'",
        "at a place that is not at hand",
    ]


def test_a_test_that_fails_without_an_assertion_tells_what_it_read(ran: Ran) -> None:
    told = explanation(ran, "test_unpacked")
    assert any(line.startswith("E ") and "too many values to unpack" in line for line in told)
    assert "E         terraform_data.window: input = ['wood', 'glass']" in told


def test_consumers_tell_every_use_and_nothing_of_what_was_looked_at(ran: Ran) -> None:
    told = explanation(ran, "test_used")
    assert "E         terraform_data.key = used by terraform_data.lock: input (doors/main.tf:5)" in told
    assert not [line for line in told if line.startswith("terraform_data.window")]
