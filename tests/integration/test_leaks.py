"""What a run leaves behind fails its leak check, and is named: what it is, who made it, what removes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from .nested import Ended, Nested, nested_project

ENVIRONMENTS = """
[tool.stackproof.stacks.tiny.environments.made]

[tool.stackproof.stacks.tiny.environments.slipped]
"""

LEFT_ON_PURPOSE = """
import pytest

from stackproof.sandbox.clients import Clients


@pytest.mark.environment("made")
def test_something_is_left_that_was_made_like_all_the_rest(trial):
    made = Clients(trial.proxy)
    made("sqs").create_queue(QueueName="forgotten-queue")
    made("s3").create_bucket(Bucket="forgotten-bucket")


@pytest.mark.environment("slipped")
def test_something_is_left_that_no_call_of_the_run_made(trial):
    trial.client("logs").create_log_group(logGroupName="/forgotten/group")
    trial.client("sqs").create_queue(QueueName="unseen-queue")
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nested]:
    with nested_project(tmp_path_factory.mktemp("leaks") / "project") as project:
        project.settings(ENVIRONMENTS)
        yield project


@pytest.fixture(scope="module")
def left(project: Nested) -> Ended:
    """A run in which two environments leave something, and nothing but the leak check says so."""
    # tests of a trial come in the order of their files, and the one that destroys is the last
    project.write("test_before.py", LEFT_ON_PURPOSE)
    chosen = ["--environment", "made,slipped", "--record", "recordings"]
    return project.pytest("test_before.py", "test_tiny.py", *chosen)


def test_a_run_that_leaks_fails_in_the_environment_that_leaks(left: Ended) -> None:
    assert left.code == 1
    assert [line.split()[1] for line in left.said.splitlines() if line.startswith("FAILED")] == [
        "test_tiny.py::test_nothing_is_left[made]",
        "test_tiny.py::test_nothing_is_left[slipped]",
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "sqs Queue http",
        "made by sqs:CreateQueue; remove it with: aws sqs delete-queue --queue-url http",
        "s3 Bucket forgotten-bucket, made by s3:CreateBucket; remove it with: aws s3api delete-bucket --bucket",
    ],
)
def test_a_leak_is_named_with_who_made_it_and_what_removes_it(left: Ended, sentence: str) -> None:
    assert sentence in left.said


def test_a_leak_that_was_made_past_the_proxy_is_named_where_the_run_makes_such_things(left: Ended) -> None:
    told = left.line("/forgotten/group")
    assert "made by none of the recorded calls" in told
    assert "aws logs delete-log-group --log-group-name" in told


def test_a_leak_past_the_proxy_is_not_looked_for_where_the_run_makes_no_such_things(left: Ended) -> None:
    assert "unseen-queue" not in left.said


def test_each_leaking_run_is_recorded_as_far_as_it_passed_the_proxy(left: Ended, project: Nested) -> None:
    made, slipped = (asked(project.folder / f"recordings/tiny-{name}.jsonl") for name in ("made", "slipped"))
    assert {"iam:CreateRole", "s3:DeleteBucket", "sqs:CreateQueue"} <= made
    assert "sqs:CreateQueue" not in slipped
    file = project.folder / "recordings/tiny-made.jsonl"
    assert left.line(file.name).split() == ["recording", str(file)]


def test_a_run_without_leaks_passes(project: Nested) -> None:
    ended = project.pytest("test_tiny.py", "--environment", "dev")
    assert ended.code == 0, ended.said
    assert ended.line("  leaks ").split() == ["leaks", "0"]


def asked(file: Path) -> set[str]:
    """The calls in a recording."""
    calls = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return {f"{call['service']}:{call['action']}" for call in calls}
