"""Recordings: what they keep, count and write."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from stackproof.errors import SandboxError
from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.proxy.recording import Recording

MADE = Call("sns", "CreateTopic", "eu-west-1", 200, "", 1.5, 0.25, {"Name": "t"}, {"TopicArn": "arn"})
READ = Call("sns", "ListTopics", "eu-west-1", 200)
FAILED = Call("ecs", "CreateService", "eu-west-1", 400, "ThrottlingException")


def test_calls_are_counted_by_action_and_by_service() -> None:
    recording = Recording()
    for call in (MADE, READ, READ, FAILED):
        recording(call)
    assert recording.counts == {"sns:ListTopics": 2, "sns:CreateTopic": 1, "ecs:CreateService": 1}
    assert recording.services == {"sns": 3, "ecs": 1}
    assert recording.of("ecs") == (FAILED,)


def test_what_came_since_a_mark_is_told_apart() -> None:
    recording = Recording([MADE])
    mark = len(recording)
    recording(READ)
    assert list(recording.since(mark)) == [READ]
    assert list(recording) == [MADE, READ]


def test_many_threads_lose_no_call() -> None:
    recording = Recording()

    def record() -> None:
        for _ in range(500):
            recording(READ)

    threads = [threading.Thread(target=record) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(recording) == 4000


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    Recording([MADE, READ, FAILED]).save(file)
    assert Recording.load(file).calls == (MADE, READ, FAILED)
    assert len(file.read_text(encoding="utf-8").splitlines()) == 3
    assert list(tmp_path.iterdir()) == [file]


def test_a_recording_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    Recording([MADE]).save(file)
    assert file.stat().st_mode & 0o077 == 0


def test_a_recording_that_cannot_be_written_leaves_the_former(tmp_path: Path) -> None:
    folder = tmp_path / "calls.jsonl"
    folder.mkdir()
    with pytest.raises(SandboxError, match="cannot be written: Is a directory"):
        Recording([MADE]).save(folder)
    assert list(tmp_path.iterdir()) == [folder]
    with pytest.raises(SandboxError, match="cannot be written: No such file or directory"):
        Recording([MADE]).save(tmp_path / "none/calls.jsonl")


@pytest.mark.parametrize(
    "line", ["{", "[]", "1", "{}", '{"service": "sns"}', "[" * 100_000, '{"service": 1, "action": []}']
)
def test_a_line_that_is_no_call_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "calls.jsonl"
    Recording([MADE]).save(file)
    with file.open("a", encoding="utf-8") as appended:
        appended.write(line + "\n")
    with pytest.raises(SandboxError) as caught:
        Recording.load(file)
    assert str(caught.value) == f"{file}:2: this is no recorded call. Record the run again."


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="cannot be read: No such file or directory"):
        Recording.load(tmp_path / "none")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(SandboxError, match="cannot be read: it is not UTF-8"):
        Recording.load(tmp_path / "binary")


def test_fields_of_a_later_version_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text('{"service": "sns", "action": "ListTopics", "colour": "red"}\n', encoding="utf-8")
    assert Recording.load(file).calls == (Call("sns", "ListTopics"),)
