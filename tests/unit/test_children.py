"""Children stream, time out, and are never outlived by what they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stackproof.errors import TerraformError
from stackproof.terraform import children, guardian

if TYPE_CHECKING:
    from tests.unit.conftest import Traces

HANGS_SECONDS = 60


def shell(script: str, *, timeout: float = HANGS_SECONDS, folder: Path | None = None) -> children.Completed:
    return children.run(["sh", "-c", script], folder=folder or Path.cwd(), environment=os.environ, timeout=timeout)


def test_output_comes_line_by_line_while_the_child_runs(tmp_path: Path) -> None:
    seen, lines = tmp_path / "seen", []

    def on_line(line: str) -> None:
        lines.append(line)
        seen.touch()

    # the child goes on only when its first line has arrived
    script = f"echo first; until [ -e {seen} ]; do sleep 0.02; done; echo second"
    done = children.run(
        ["sh", "-c", script], folder=tmp_path, environment=os.environ, timeout=HANGS_SECONDS, on_line=on_line
    )
    assert lines == ["first\n", "second\n"]
    assert done.stdout == "first\nsecond\n"


def test_a_command_of_which_enough_was_heard_is_ended_well(tmp_path: Path, traces: Traces) -> None:
    lines: list[str] = []

    def on_line(line: str) -> object:
        lines.append(line)
        return children.ENOUGH if line == "enough\n" else None

    script = "echo first; echo enough; echo never; sleep 600 & wait"
    done = children.run(
        ["sh", "-c", script], folder=tmp_path, environment=os.environ, timeout=HANGS_SECONDS, on_line=on_line
    )
    assert done.code == 0
    assert done.stdout.startswith("first\nenough\n")
    assert lines == ["first\n", "enough\n"]
    assert traces.left() == []


def test_a_command_that_is_asked_to_end_may_end_by_itself_and_is_heard_to_its_end(
    tmp_path: Path, traces: Traces
) -> None:
    lines: list[str] = []

    def on_line(line: str) -> object:
        lines.append(line)
        return children.END

    # a second interrupt would end it before its last words
    script = (
        "trap 'trap \"exit 9\" INT; echo writing; sleep 0.2; echo written; exit 3' INT; "
        "echo first; while :; do sleep 0.02; done"
    )
    done = children.run(
        ["sh", "-c", script], folder=tmp_path, environment=os.environ, timeout=HANGS_SECONDS, on_line=on_line
    )
    assert lines == ["first\n", "writing\n", "written\n"]
    assert (done.code, done.stdout) == (3, "first\nwriting\nwritten\n")
    assert traces.left() == []


def test_a_command_that_was_asked_to_end_can_still_be_killed_by_its_listener(tmp_path: Path, traces: Traces) -> None:
    script = "trap 'echo never mind' INT; echo first; while :; do sleep 0.02; done"
    done = children.run(
        ["sh", "-c", script],
        folder=tmp_path,
        environment=os.environ,
        timeout=HANGS_SECONDS,
        on_line=lambda line: children.END if line == "first\n" else children.ENOUGH,
    )
    assert (done.code, done.stdout) == (0, "first\nnever mind\n")
    assert traces.left() == []


def test_a_command_that_does_not_end_when_asked_is_limited_in_time_all_the_same(tmp_path: Path, traces: Traces) -> None:
    with pytest.raises(TerraformError, match=r"took longer than 0\.5 s"):
        children.run(
            ["sh", "-c", "trap '' INT; echo first; while :; do sleep 0.02; done"],
            folder=tmp_path,
            environment=os.environ,
            timeout=0.5,
            grace=0.2,
            on_line=lambda _: children.END,
        )
    assert traces.left() == []


def test_a_command_that_took_too_long_may_end_cleanly_within_its_grace(tmp_path: Path, traces: Traces) -> None:
    ended = tmp_path / "ended"
    script = f"trap 'sleep 0.3; touch {ended}; exit 0' INT; sleep 600 & while :; do sleep 0.02; done"
    with pytest.raises(TerraformError, match=r"took longer than 0\.5 s"):
        children.run(["sh", "-c", script], folder=tmp_path, environment=os.environ, timeout=0.5, grace=HANGS_SECONDS)
    assert ended.exists()
    assert traces.left() == []


def test_a_command_without_grace_is_killed_where_it_takes_too_long(tmp_path: Path, traces: Traces) -> None:
    ended = tmp_path / "ended"
    with pytest.raises(TerraformError, match=r"took longer than 0\.5 s"):
        shell(f"trap 'touch {ended}; exit 0' INT; while :; do sleep 0.02; done", timeout=0.5)
    assert not ended.exists()
    assert traces.left() == []


def test_what_a_listener_raises_ends_the_command_and_is_raised(tmp_path: Path, traces: Traces) -> None:
    def on_line(_: str) -> object:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        children.run(
            ["sh", "-c", "echo first; head -c 1048576 /dev/zero; sleep 600 & wait"],
            folder=tmp_path,
            environment=os.environ,
            timeout=HANGS_SECONDS,
            on_line=on_line,
        )
    assert traces.left() == []


def test_a_megabyte_on_both_streams_is_read_to_its_end() -> None:
    done = shell("head -c 1048576 /dev/zero | tr '\\0' e >&2; head -c 1048576 /dev/zero | tr '\\0' o")
    assert (len(done.stdout), len(done.stderr)) == (1048576, 1048576)


def test_output_that_is_not_utf_8_is_no_error() -> None:
    assert shell("printf 'a\\377b'").stdout == "a\N{REPLACEMENT CHARACTER}b"


@pytest.mark.parametrize("code", [0, 1, 42])
def test_the_exit_code_is_passed_on(code: int) -> None:
    assert shell(f"exit {code}").code == code


def test_a_child_reads_nothing_from_our_standard_input() -> None:
    assert shell("cat").stdout == ""


def test_a_child_gets_only_the_environment_it_is_given_and_a_mark(tmp_path: Path) -> None:
    done = children.run(["/usr/bin/env"], folder=tmp_path, environment={"ONLY": "this"}, timeout=HANGS_SECONDS)
    assert [line.split("=")[0] for line in done.stdout.splitlines()] == ["ONLY", guardian.MARK]


def test_a_program_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    with pytest.raises(TerraformError, match=r"nowhere/terraform: terraform cannot be started: No such file"):
        children.run(["/nowhere/terraform"], folder=tmp_path, environment={}, timeout=HANGS_SECONDS)


def test_a_child_that_takes_too_long_is_ended_with_all_that_it_started(traces: Traces) -> None:
    with pytest.raises(TerraformError, match=r"`sh -c .* took longer than 0.5 s and was ended. Look at .* `timeout`"):
        shell("sleep 600 & sleep 600 & wait", timeout=0.5)
    assert traces.left() == []


def test_what_a_child_leaves_running_ends_with_it(traces: Traces) -> None:
    assert shell("sleep 600 >/dev/null 2>&1 & echo done").stdout == "done\n"
    assert traces.left() == []


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGTERM"])
def test_a_child_ended_by_a_signal_is_an_error_that_names_it(name: str) -> None:
    with pytest.raises(TerraformError, match=rf"was ended by {name}. Run it again"):
        shell(f"kill -{name.removeprefix('SIG')} $$")


def test_variables_on_a_command_line_are_in_no_error() -> None:
    with pytest.raises(TerraformError) as caught:
        children.run(
            ["sh", "-c", "kill -KILL $$", "-var=token=secret"],
            folder=Path.cwd(),
            environment=os.environ,
            timeout=HANGS_SECONDS,
        )
    assert "secret" not in str(caught.value)


def test_every_running_child_hears_an_interrupt(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    answers: list[children.Completed] = []
    script = f"trap 'echo interrupted; exit 3' INT; touch {ready}; while :; do sleep 0.02; done"
    waiting = threading.Thread(target=lambda: answers.append(shell(script)))
    waiting.start()
    wait_for(ready)
    children.signal_all(signal.SIGINT)
    waiting.join(HANGS_SECONDS)
    assert [(done.code, done.stdout) for done in answers] == [(3, "interrupted\n")]


def test_a_child_that_was_asked_to_end_is_not_asked_again(tmp_path: Path) -> None:
    ready, heard = tmp_path / "ready", tmp_path / "heard"
    answers: list[children.Completed] = []
    counting = "trap 'echo interrupted; asked=1' INT"
    script = f'{counting}; touch {ready}; until [ -n "$asked" ]; do sleep 0.02; done; touch {heard}; '
    script += f"until [ -e {tmp_path}/go ]; do sleep 0.02; done"
    waiting = threading.Thread(target=lambda: answers.append(shell(script)))
    waiting.start()
    wait_for(ready)
    children.signal_all(signal.SIGINT)
    wait_for(heard)
    children.signal_all(signal.SIGINT)
    (tmp_path / "go").touch()
    waiting.join(HANGS_SECONDS)
    assert [done.stdout for done in answers] == ["interrupted\n"]


def test_a_scratch_folder_is_ours_alone_and_gone_afterwards(traces: Traces) -> None:
    with children.scratch_folder() as folder:
        (folder / "below").mkdir()
        (folder / "below/file").write_text("something", encoding="utf-8")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder.parent == traces.folder
    assert traces.left() == []


def test_a_scratch_folder_goes_where_an_error_ends_its_use(traces: Traces) -> None:
    with pytest.raises(ZeroDivisionError), children.scratch_folder():
        raise ZeroDivisionError
    assert traces.left() == []


def test_every_running_child_can_be_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    errors: list[TerraformError] = []

    def wait() -> None:
        try:
            shell(f"trap '' INT; touch {ready}; while :; do sleep 0.02; done")
        except TerraformError as error:
            errors.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    wait_for(ready)
    children.signal_all(signal.SIGINT)
    children.signal_all(signal.SIGKILL)
    waiting.join(HANGS_SECONDS)
    assert ["was ended by SIGKILL" in str(error) for error in errors] == [True]


OWNER = """
    import os, sys
    from pathlib import Path
    from stackproof.terraform import children, guardian

    with children.scratch_folder() as folder:
        (folder / "file").touch()
        script = f"trap 'echo cleanly > {sys.argv[1]}/ended; exit 1' INT; echo ready; " \\
            "sleep 600 & while :; do sleep 0.02; done"
        ready = lambda line: Path(sys.argv[1], "ready").touch()  # by then it is known that there is a child
        children.run(["sh", "-c", script], folder=folder, environment=os.environ, timeout=600, on_line=ready)
"""
"""A process that owns a folder and a child with a child of its own."""


@pytest.fixture
def owner(tmp_path: Path, traces: Traces) -> subprocess.Popen[bytes]:
    process = python(OWNER, str(tmp_path), traces=traces)
    wait_for(tmp_path / "ready")
    return process


def test_ctrl_c_lets_the_child_end_cleanly_and_leaves_nothing(
    owner: subprocess.Popen[bytes], tmp_path: Path, traces: Traces
) -> None:
    owner.send_signal(signal.SIGINT)
    _, complaint = owner.communicate(timeout=HANGS_SECONDS)
    assert b"KeyboardInterrupt" in complaint
    assert (tmp_path / "ended").read_text(encoding="utf-8") == "cleanly\n"
    assert traces.left() == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_process_leaves_neither_children_nor_folders(
    owner: subprocess.Popen[bytes], traces: Traces, number: signal.Signals
) -> None:
    assert traces.files()
    assert len(traces.processes()) >= 3
    owner.send_signal(number)
    owner.communicate(timeout=HANGS_SECONDS)
    assert traces.left() == []


def test_a_child_goes_even_where_its_parent_is_killed_before_it_knows_its_number(traces: Traces) -> None:
    script = """
        import os, signal
        from stackproof.terraform import children, guardian

        say = children._guardian.say

        def killed(line):
            if line.startswith("+group"):
                os.kill(os.getpid(), signal.SIGKILL)
            say(line)

        children._guardian.say = killed
        children.start(["sleep", "600"])
        """
    parent = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False, timeout=HANGS_SECONDS)
    assert parent.returncode == -signal.SIGKILL
    assert traces.left() == []


def test_a_killed_guardian_fails_no_run(traces: Traces) -> None:
    process = python(
        """
        import os
        from pathlib import Path
        from stackproof.terraform import children, guardian

        with children.scratch_folder():
            children._guardian._process.kill()
            children._guardian._process.wait()
            done = children.run(["echo", "good"], folder=Path.cwd(), environment=os.environ, timeout=60)
        print(done.stdout, end="")
        """,
        traces=traces,
    )
    said, complaint = process.communicate(timeout=HANGS_SECONDS)
    assert (process.returncode, said, complaint) == (0, b"good\n", b"")
    assert traces.left() == []


def python(program: str, *words: str, traces: Traces) -> subprocess.Popen[bytes]:
    environment: Mapping[str, str] = {**os.environ, "TMPDIR": str(traces.folder)}
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + HANGS_SECONDS
    while not file.exists():
        assert time.monotonic() < deadline, f"{file.name} never came"
        time.sleep(0.02)
