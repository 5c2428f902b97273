"""Test runs inside a test: a small stack in a project of its own, tried by a pytest of its own, as a real process.

What such a run leaves behind can be told by its folder for temporary files, whose name all of its processes inherit.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from stackproof.terraform import lockfile

HANGS_SECONDS = 600
OWN_STACK = Path(__file__).parents[2] / "terraform"

STACK = """
variable "prefix" {
  type    = string
  default = "tiny"
}

variable "size" {
  type    = string
  default = "small"
}

variable "groups" {
  type    = number
  default = 1
}

resource "aws_iam_role" "first" {
  name               = "${var.prefix}-${var.size}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_s3_bucket" "data" {
  bucket = "${aws_iam_role.first.name}-data"
}

resource "aws_cloudwatch_log_group" "last" {
  count = var.groups

  name = "/${aws_s3_bucket.data.bucket}/${count.index}"
}
"""

SETTINGS = """
[tool.stackproof]
cache = "cache"

[tool.stackproof.stacks.tiny]
folder = "stack"

[tool.stackproof.stacks.tiny.environments.dev]
"""

REAL_ID = "123456789012"
"""The account of moto, taken for a real one where it is named as such."""

REAL = ("--sandbox", "real", "--sandbox-account", REAL_ID)

ALLOWED = f"""
[tool.stackproof.sandbox]
allowed_accounts = ["{REAL_ID}"]
prefix = "ci"
prefix_variable = "prefix"
"""

TESTS = """
def test_it_settles(trial):
    trial.require_no_changes()


def test_nothing_is_left(destroyed):
    destroyed.require_nothing_left()
"""

HOLDING = """
import pathlib


class Hold:
    # lets no log group be made and no role be removed before it is told to
    def before(self, request, ended):
        held = {"CreateLogGroup": "held", "DeleteRole": "held.destroy"}.get(request.action)
        if held:
            pathlib.Path(held).touch()
            while not pathlib.Path("go").exists() and not ended.wait(0.05):
                pass

    def after(self, request, answer):
        pass


def pytest_stackproof_before_apply(trial):
    trial.proxy.interceptors.insert(0, Hold())
"""
"""A conftest.py that stops an apply in its middle, where the file `held` comes to be, and a destroy near its end, where
`held.destroy` does; the file `go` lets both go on."""


@dataclass(frozen=True)
class Ended:
    """How a run ended, and all that it said."""

    code: int
    said: str

    def line(self, part: str) -> str:
        """The one line in which something is said."""
        (found,) = {line for line in self.said.splitlines() if part in line}
        return found


class Started:
    """A run that goes on; what it says goes to a file, so that nobody has to listen."""

    def __init__(self, process: subprocess.Popen[bytes], said: Path, folder: Path) -> None:
        self.process = process
        self._said = said
        self._folder = folder

    def wait_for(self, what: str | Callable[[], object]) -> None:
        """Wait until a file of this name is in the project, or until something is true; the run must not end."""
        is_there = (self._folder / what).exists if isinstance(what, str) else what
        wait_until(lambda: is_there() or self.process.poll() is not None)
        assert is_there(), f"it ended with {self.process.poll()}:\n{self.said()}"

    def hears(self, words: str) -> None:
        """Wait until it has said something."""
        self.wait_for(lambda: words in self.said())

    def said(self) -> str:
        return self._said.read_text(encoding="utf-8", errors="replace")

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self) -> Ended:
        """Wait for its end."""
        code = self.process.wait(HANGS_SECONDS)
        return Ended(code, self.said())


class Nested:
    """A project with one small stack, `tiny`, and where its runs keep their temporary files."""

    def __init__(self, folder: Path, temporary: Path) -> None:
        self.folder = folder
        self.temporary = temporary
        self._runs: list[subprocess.Popen[bytes]] = []
        for inside in ("stack", "home"):
            (folder / inside).mkdir(parents=True)
        self.write("pyproject.toml", SETTINGS)
        self.write("stack/main.tf", STACK)
        self.write("test_tiny.py", TESTS)
        shutil.copy(OWN_STACK / lockfile.FILE_NAME, folder / "stack")

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        return file

    def settings(self, more: str) -> None:
        """Add to the settings."""
        self.write("pyproject.toml", SETTINGS + more)

    def pytest(self, *words: str, **environment: str) -> Ended:
        """Run its tests to their end."""
        return self.start("pytest", "-p", "no:cacheprovider", *words, **environment).ended()

    def stackproof(self, *words: str, **environment: str) -> Ended:
        """Run a command to its end."""
        return self.start("stackproof.cli", *words, **environment).ended()

    def start(self, module: str, *words: str, **environment: str) -> Started:
        """Start a Python module with nothing in its environment that is the caller's own."""
        own = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        said = self.folder / f"said.{len(self._runs)}"
        with said.open("wb") as file, _interruptible():
            process = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                cwd=self.folder,
                env=own | environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        self._runs.append(process)
        return Started(process, said, self.folder)

    def stop(self) -> None:
        """End what a failed test left running."""
        for process in self._runs:
            if process.poll() is None:
                process.kill()
                process.wait()

    def files(self) -> list[str]:
        """What lies among the temporary files."""
        return sorted(str(file.relative_to(self.temporary)) for file in self.temporary.rglob("*"))

    def processes(self, name: str = "") -> Mapping[int, str]:
        """The processes that belong to its runs, and have this in their command lines."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                if words and name in words and os.fsencode(self.temporary) in (entry / "environ").read_bytes():
                    found[int(entry.name)] = words
        return found

    def left(self) -> Sequence[str]:
        """What is still there when it has had some seconds to go; empty as soon as nothing is."""
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: not self.files() and not self.processes(), seconds=10)
        return [*self.files(), *self.processes().values()]


@contextmanager
def nested_project(folder: Path) -> Iterator[Nested]:
    """A project in this folder, which must not exist; what it left running or lying about in the end is an error."""
    if not Path("/proc/self/environ").exists():
        pytest.skip("there is no /proc to look for processes in")
    # not below pytest's own: providers make sockets there, whose paths may have some 100 characters only
    temporary = Path(tempfile.mkdtemp(prefix="sp-")).resolve()
    project = Nested(folder, temporary)
    try:
        yield project
        assert project.left() == []
    finally:
        project.stop()
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: not project.processes(), seconds=10)
        shutil.rmtree(temporary, ignore_errors=True)


def wait_until(is_so: Callable[[], object], *, seconds: float = HANGS_SECONDS) -> None:
    """Wait until something is so; raises TimeoutError where it is not within some seconds."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() >= deadline:
            raise TimeoutError
        time.sleep(0.05)


@contextmanager
def _interruptible() -> Iterator[None]:
    """A shell has its background jobs ignore SIGINT, and their children inherit that: not those started here."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
