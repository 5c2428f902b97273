"""A process that outlives its parent by a moment: it kills what a killed run left running, and removes its folders.

Started as a script with a pipe for its standard input, on which the parent says what it owns, a line each:
`+group PID`, `+folder PATH`, `+mark NAME`, and the same with a minus. The pipe closes when the parent ends, however it
ends; what is still owned then is cleared away. A mark stands for a child that is about to be started, and has it in its
environment (where there is a /proc to read that in). `finally` and `atexit` cannot do this: SIGKILL runs neither.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path

MARK = "STACKPROOF_CHILD"
"""The variable that holds a child's mark."""

_SCANS = 5
_PAUSE_SECONDS = 0.1
"""A child closes the pipe just before it gets its environment, so one look could come too early."""


def main() -> None:
    """Read lines until the parent is gone, then clear away what it still owns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    owned: dict[str, list[str]] = {"group": [], "folder": [], "mark": []}
    for line in sys.stdin:
        kind, _, name = line.strip().partition(" ")
        if kind[:1] == "+":
            owned[kind[1:]].append(name)
        elif name in owned[kind[1:]]:
            owned[kind[1:]].remove(name)
    for group in owned["group"]:
        _kill(int(group))
    if owned["mark"]:
        _kill_marked({f"{MARK}={mark}".encode() for mark in owned["mark"]})
    for folder in owned["folder"]:
        shutil.rmtree(folder, ignore_errors=True)


def _kill_marked(marks: set[bytes]) -> None:
    for _ in range(_SCANS):
        for entry in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if not marks.isdisjoint(entry.read_bytes().split(b"\0")):
                    _kill(int(entry.parent.name))
        time.sleep(_PAUSE_SECONDS)


def _kill(group: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
