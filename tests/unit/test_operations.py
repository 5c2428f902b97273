"""What Terraform tells while it applies: the operations that are done, and how far it has come."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from stackproof.terraform.operations import Operation, Operations, Progress

APPLY = Path(__file__).parent / "data/apply.jsonl"
"""The messages of an apply by Terraform 1.11.4 that replaces, updates, deletes, creates, reads, waits and fails."""

KEYED = 'terraform_data.each["a.b[\\"c\\"]"]'
BEGAN = "2026-11-24T17:00:32.700000Z"


def lines() -> list[str]:
    return APPLY.read_text(encoding="utf-8").splitlines(keepends=True)


def heard(told: Sequence[str]) -> Operations:
    operations = Operations()
    for line in told:
        operations.hear(line)
    return operations


def message(kind: str, address: str, action: str = "create", *, at: str = BEGAN) -> str:
    hook = {"resource": {"addr": address}, "action": action}
    return json.dumps({"type": kind, "@timestamp": at, "hook": hook})


def test_every_operation_of_an_apply_is_told_in_the_order_in_which_they_ended() -> None:
    assert [(one.action, one.address, one.succeeded) for one in heard(lines()).done] == [
        ("delete", "terraform_data.replaced", True),
        ("delete", "terraform_data.gone[0]", True),
        ("create", "terraform_data.replaced", True),
        ("update", "terraform_data.changed", True),
        ("create", "terraform_data.failing[0]", False),
        ("create", KEYED, True),
    ]


def test_an_operation_lasts_as_long_as_terraform_says() -> None:
    last = heard(lines()).done[-1]
    assert last.seconds == pytest.approx(11.02, abs=0.001)
    assert last.ended == pytest.approx(1795539643.722206)


def test_a_replacement_is_planned_as_the_two_operations_in_which_it_is_done() -> None:
    operations = heard(lines())
    assert operations.progress == Progress(6, 6, {})


def test_data_sources_are_no_operations() -> None:
    read = [line for line in lines() if '"addr":"data.' in line]
    assert {json.loads(line)["type"] for line in read} > {"planned_change"}
    operations = heard(
        [*read, message("apply_start", "data.one.this", "read"), message("apply_complete", "a.b", "read")]
    )
    assert operations.done == []
    assert operations.progress == Progress(0, 0, {})


def test_what_is_waited_for_is_told_with_its_seconds() -> None:
    told = lines()
    still = next(number for number, line in enumerate(told) if '"type":"apply_progress"' in line)
    progress = heard(told[: still + 1]).progress
    assert (progress.done, progress.planned, list(progress.waiting)) == (5, 6, [KEYED])
    assert progress.waiting[KEYED] == pytest.approx(10.01, abs=0.01)


@pytest.mark.parametrize(
    ("waiting", "says"),
    [
        ({}, "3 of 7"),
        ({"a.slow": 31.4}, "3 of 7, waiting for a.slow (31 s)"),
        ({"a.quick": 2.0, "a.slow": 31.6, "a.other": 4.0}, "3 of 7, waiting for a.slow (32 s) and 2 more"),
    ],
)
def test_progress_names_what_is_waited_for_longest(waiting: dict[str, float], says: str) -> None:
    assert str(Progress(3, 7, waiting)) == says


def test_progress_is_told_at_each_operation_that_begins_waits_or_ends() -> None:
    told: list[Progress] = []
    operations = Operations(told.append)
    for line in lines():
        operations.hear(line)
    assert len(told) == 13  # six begin, six end, and one says that it is still at it
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    assert told[-1] == Progress(6, 6, {})


@pytest.mark.parametrize(
    "line",
    [
        "",
        "\n",
        "Acquiring state lock. This may take a few moments...",
        '{"type": "apply_complete", "@timest',
        "[]",
        "null",
        '"text"',
        "{}",
        '{"type": "apply_complete"}',
        '{"type": "apply_complete", "@timestamp": "yesterday"}',
        f'{{"type": "apply_complete", "@timestamp": "{BEGAN}"}}',
        f'{{"type": "apply_complete", "@timestamp": "{BEGAN}", "hook": null}}',
        f'{{"type": "apply_complete", "@timestamp": "{BEGAN}", "hook": {{"resource": {{}}, "action": "create"}}}}',
        f'{{"type": "planned_change", "@timestamp": "{BEGAN}", "change": []}}',
        f'{{"type": "something_new", "@timestamp": "{BEGAN}"}}',
    ],
)
def test_a_line_that_is_no_message_says_nothing(line: str) -> None:
    told: list[Progress] = []
    operations = Operations(told.append)
    operations.hear(line)
    operations.hear(message("apply_start", "a.b"))
    assert (operations.done, len(told)) == ([], 1)


def test_an_end_whose_beginning_was_not_heard_took_no_time() -> None:
    (operation,) = heard([message("apply_complete", "a.b")]).done
    assert operation == Operation("a.b", "create", operation.ended, operation.ended)


def test_what_a_listener_raises_comes_through() -> None:
    def refuse(_: Progress) -> object:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  # it is the kind of error that broken lines raise
        Operations(refuse).hear(message("apply_start", "a.b"))


def test_how_far_it_is_can_be_asked_while_it_goes_on() -> None:
    operations = Operations()
    ended = threading.Event()
    wrong: list[BaseException] = []

    def ask() -> None:
        try:
            while not ended.is_set():
                assert operations.progress.done <= 2000
        except BaseException as error:  # noqa: BLE001  # the test tells it
            wrong.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    for number in range(2000):
        operations.hear(message("apply_start", f"a.b[{number}]"))
        operations.hear(message("apply_complete", f"a.b[{number // 2}]"))
    ended.set()
    asking.join()
    assert not wrong
