"""A process that outlives its parent by a moment: it kills what a killed run left running, and removes its folders.

Started as a script with a pipe for its standard input, on which the parent says what it owns, a line each:
`+group PID`, `-group PID`, `+folder PATH`, `-folder PATH`. The pipe closes when the parent ends, however it ends;
what is still owned then is cleared away. `finally` and `atexit` cannot do this: SIGKILL runs neither.
"""

import contextlib
import os
import shutil
import signal
import sys


def main() -> None:
    """Read lines until the parent is gone, then clear away what it still owns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    owned: dict[str, list[str]] = {"group": [], "folder": []}
    for line in sys.stdin:
        kind, _, name = line.strip().partition(" ")
        if kind[:1] == "+":
            owned[kind[1:]].append(name)
        elif name in owned[kind[1:]]:
            owned[kind[1:]].remove(name)
    for group in owned["group"]:
        with contextlib.suppress(OSError):
            os.killpg(int(group), signal.SIGKILL)
    for folder in owned["folder"]:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
