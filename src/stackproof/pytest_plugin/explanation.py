"""Why a test came out as it did, in the words of the stack: address, path, expected, got, and file:line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stackproof.plan import reads
from stackproof.verdict import Undecided

if TYPE_CHECKING:
    from stackproof.plan.reads import Read

SHOWN_READS = 6
SHOWN_CHARACTERS = 300


def compared(operator: str, left: object, right: object) -> list[str] | None:
    """The explanation of a comparison whose one side was read from a plan; None where neither was."""
    for read in reversed(reads.recorded()):
        if _same(read.value, left):
            got, expected, verb = left, right, operator
        elif _same(read.value, right):
            got, expected, verb = right, left, f"{operator} (as the right-hand side)"
        else:
            continue
        return [
            f"{_subject(read)}: expected {'' if operator == '==' else verb + ' '}{_short(expected)}, got {_short(got)}",
            f"at {_place(read)}",
        ]
    return None


def explain(report: pytest.TestReport, log: Sequence[Read]) -> None:
    """Add to a failed assertion what the test read last, the nearest to the failure first."""
    if not log:
        return
    last = log[-1]
    lines = [f"{_subject(read)} = {_short(read.value)}\n    at {_place(read)}" for read in _latest(log)]
    report.sections.append(("What the test read last", "\n".join(lines)))
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None or last.resource.address in crash.message:
        return
    found = f": expected {not last.value}, got" if isinstance(last.value, bool) else " ="
    sentence = f"{_subject(last)}{found} {_short(last.value)}"
    first, *rest = crash.message.splitlines() or [""]
    crash.message = "\n".join([f"{first}: {sentence} at {_place(last)}", *rest])
    entries = getattr(getattr(report.longrepr, "reprtraceback", None), "reprentries", ())
    if entries and hasattr(entries[-1], "lines"):
        entries[-1].lines += [f"E         {sentence}", f"E         at {_place(last)}"]


def shorten(report: pytest.TestReport, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Show an error for people as its one line, with the line of the test that met it and no traceback."""
    assert call.excinfo is not None
    report.outcome = "failed"
    report.longrepr = call.excinfo.getrepr(style="value")
    own = [entry for entry in call.excinfo.traceback if Path(str(entry.path)) == item.path]
    if own:
        line = f"{item.location[0]}:{own[-1].lineno + 1}"
        report.longrepr.addsection("Met in", line, sep="-")


def undecided(
    report: pytest.TestReport, item: pytest.Item, error: Undecided, log: Sequence[Read], *, allowed: bool
) -> None:
    """Turn a report of `Undecided` into one that says what is unknown, failed unless the test may wait."""
    read = next((read for read in reversed(log) if read.resource.address == error.address), None)
    place = f" at {_place(read)}" if read else ""
    sentence = f"{error}{place}"
    if allowed:
        report.outcome = "skipped"
        report.longrepr = (str(item.path), item.location[1] or 0, sentence)
    else:
        report.outcome = "failed"
        report.longrepr = sentence + (
            "\nMark the test until_apply where an apply must decide it, or ask for something the plan knows."
        )


def _latest(log: Sequence[Read]) -> list[Read]:
    chosen: dict[tuple[str, str], Read] = {}
    for read in reversed(log):
        chosen.setdefault((read.resource.address, read.path), read)
        if len(chosen) == SHOWN_READS:
            break
    return list(chosen.values())


def _subject(read: Read) -> str:
    return f"{read.resource.address}: {read.path}"


def _place(read: Read) -> str:
    return str(read.resource.place_of(read.path) or "a place that is not at hand")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}... ({len(text)} characters)"


def _same(read: object, side: object) -> bool:
    if read is side:
        return True
    # numbers and texts come out of a plan as new objects; containers are compared as the objects they are
    return type(read) is type(side) and isinstance(read, int | float | str) and read == side
