"""Child processes that stream, time out, and never outlive this one.

Every child leads a process group of its own. A group is known to the guardian (see `guardian.py`) while it runs, so
neither an exception, nor Ctrl-C, nor SIGKILL of this process leaves one behind.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from stackproof.errors import TerraformError
from stackproof.terraform import guardian

GRACE_SECONDS = 10.0
"""How long an interrupted child may take to end cleanly before it is killed."""


ENOUGH = object()
"""What a listener gives to end a command of which it has heard enough."""

END = object()
"""What a listener gives to have a command asked to end, as by Ctrl-C; what it still says is heard."""


@dataclass(frozen=True)
class Completed:
    """A command that ran to its end by itself: its exit code and all that it printed."""

    argv: tuple[str, ...]
    code: int
    stdout: str
    stderr: str
    seconds: float


class _Guardian:
    """Our end of the pipe to the guardian; started when there is first something to own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._owner = 0

    def say(self, line: str) -> None:
        with self._lock:
            if self._process is None or self._owner != os.getpid():
                script = str(guardian.__file__)
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", script],
                    stdin=subprocess.PIPE,
                    text=True,
                    start_new_session=True,
                )
                self._owner = os.getpid()
            assert self._process.stdin is not None
            # a guardian that somebody killed is no reason to fail a run that needs none if it ends well
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(line + "\n")
                self._process.stdin.flush()

    def close(self) -> None:
        with self._lock:
            if self._process is not None and self._owner == os.getpid():
                assert self._process.stdin is not None
                with contextlib.suppress(BrokenPipeError):
                    self._process.stdin.close()
                self._process.wait()
            self._process = None


_guardian = _Guardian()
atexit.register(_guardian.close)
_numbers = itertools.count()
_running: set[subprocess.Popen[bytes]] = set()
_asked: set[subprocess.Popen[bytes]] = set()
_running_lock = threading.Lock()


def start(
    argv: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdout: int | IO[bytes] = subprocess.DEVNULL,
    stderr: int | IO[bytes] = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in its own process group; `stop` must be called on it. OSError where it cannot be started."""
    mark = f"{os.getpid()}-{next(_numbers)}"
    # a child runs before its number is known: killed in between, only the mark in its environment tells whose it is
    _guardian.say(f"+mark {mark}")
    process = None
    try:
        process = subprocess.Popen(
            list(argv),
            cwd=folder,
            env={**(os.environ if environment is None else environment), guardian.MARK: mark},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            pass_fds=pass_fds,
            start_new_session=True,
        )
        _guardian.say(f"+group {process.pid}")
        with _running_lock:
            _running.add(process)
    except BaseException:  # an interrupt, before anybody has the child to stop it
        if process is not None:
            stop(process, grace=GRACE_SECONDS)
        raise
    finally:
        _guardian.say(f"-mark {mark}")
    return process


def stop(process: subprocess.Popen[bytes], *, grace: float = 0.0) -> None:
    """End a child's whole group: asked by SIGINT first where `grace` (seconds) allows, by SIGKILL in the end."""
    if grace and process.poll() is None:
        _ask(process)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    # the group may outlive its leader: terraform's providers are in it
    _signal(process, signal.SIGKILL)
    process.wait()
    with _running_lock:
        _running.discard(process)
        _asked.discard(process)
    _guardian.say(f"-group {process.pid}")


def signal_all(number: signal.Signals) -> None:
    """Ask every running child to end by SIGINT, as Ctrl-C in a terminal would, or kill it; `run` waits for its end.

    None is asked twice: Terraform takes a second SIGINT for leave to forget what it has made.
    """
    with _running_lock:
        processes = list(_running)
    for process in processes:
        if number == signal.SIGINT:
            _ask(process)
        else:
            _signal(process, number)


def run(
    argv: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    timeout: float,
    on_line: Callable[[str], object] | None = None,
    grace: float = 0.0,
) -> Completed:
    """Run a command to its end and give back all that it printed; both streams are drained while it runs.

    `timeout` is in seconds. `on_line` gets each line of standard output as it comes; where it gives ENOUGH, the command
    is ended there, well; where it gives END, the command is asked to end, once; where it raises, that is raised here.
    A command that took too long may take another `grace` seconds to end cleanly, and so may one that is interrupted
    (GRACE_SECONDS at least). Raises TerraformError where the command cannot be started, took too long, or was ended by
    a signal.
    """
    name = Path(argv[0]).name
    began = time.monotonic()
    try:
        process = start(
            argv,
            folder=folder,
            environment=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise TerraformError(f"{name} cannot be started: {error.strerror}", where=argv[0]) from None
    out: list[str] = []
    err: list[str] = []
    assert process.stdout is not None
    assert process.stderr is not None
    enough = False
    raised: BaseException | None = None

    def heard(line: str) -> None:
        nonlocal enough, raised
        if on_line is None or enough:
            return
        try:
            wish = on_line(line)
            enough = wish is ENOUGH
            if wish is END:
                _ask(process)
        except BaseException as error:  # noqa: BLE001  # whoever waits for the command takes it
            enough, raised = True, error
        if enough:
            _signal(process, signal.SIGKILL)

    readers = [
        threading.Thread(target=_drain, args=(process.stdout, out, heard), daemon=True),
        threading.Thread(target=_drain, args=(process.stderr, err, None), daemon=True),
    ]
    try:
        for reader in readers:
            reader.start()
        code = process.wait(timeout)
        for reader in readers:
            reader.join(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        stop(process, grace=grace)
        raise TerraformError(
            f"`{_shown(argv)}` took longer than {timeout:g} s and was ended",
            where=str(folder),
            remedy="look at what it waits for, or raise `timeout` in [tool.stackproof].",
        ) from None
    except BaseException:
        stop(process, grace=max(grace, GRACE_SECONDS))
        raise
    finally:
        stop(process)
        for reader in readers:
            if reader.ident is not None:
                reader.join(1)
        process.stdout.close()
        process.stderr.close()
    if raised is not None:
        raise raised
    if enough:
        code = 0
    if code < 0:
        raise TerraformError(
            f"`{_shown(argv)}` was ended by {_signal_name(-code)}",
            where=str(folder),
            remedy="run it again; where it happens again, look for a memory limit (`dmesg`).",
        )
    return Completed(tuple(argv), code, "".join(out), "".join(err), time.monotonic() - began)


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that only this user can read, gone afterwards even where this process is killed."""
    folder = Path(tempfile.mkdtemp(prefix="stackproof-")).resolve()
    _guardian.say(f"+folder {folder}")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _guardian.say(f"-folder {folder}")


def _drain(stream: IO[bytes], into: list[str], on_line: Callable[[str], None] | None) -> None:
    with contextlib.suppress(ValueError):  # closed under us after a kill
        for raw in stream:
            line = raw.decode("utf-8", errors="replace")
            into.append(line)
            if on_line:
                on_line(line)


def _ask(process: subprocess.Popen[bytes]) -> None:
    with _running_lock:
        if process in _asked:
            return
        _asked.add(process)
    _signal(process, signal.SIGINT)


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _shown(argv: Sequence[str]) -> str:
    words = [Path(argv[0]).name, *(word for word in argv[1:] if not word.startswith("-var"))]
    return " ".join(words[:4])
