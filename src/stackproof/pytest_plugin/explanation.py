"""Why a test came out as it did, in the words of the stack: address, path, expected, got, and file:line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stackproof.plan import reads
from stackproof.plan.paths import Step, format_path
from stackproof.plan.provenance import describe
from stackproof.plan.wiring import Traced, Wiring
from stackproof.verdict import Undecided

if TYPE_CHECKING:
    from stackproof.plan.reads import Read

SHOWN_READS = 6
SHOWN_CHARACTERS = 300
SHOWN_WAYS = 4


def compared(operator: str, left: object, right: object) -> list[str] | None:
    """The explanation of a comparison whose one side was read from a plan; None where neither was."""
    sides = ((left, right, operator), (right, left, f"{operator} (as the right-hand side)"))
    for got, expected, verb in sides:
        for read in reversed(reads.recorded()):
            path = _path_in(read, got)
            if path is not None:
                told, wanted = _told_apart(got, expected)
                wanted = wanted if operator == "==" else f"{verb} {wanted}"
                return [f"{read.resource.address}: {path}: expected {wanted}, got {told}", f"at {_place(read)}"]
    return None


def explain(report: pytest.TestReport, log: Sequence[Read]) -> None:
    """Add to a failed test what it read last, the nearest to the failure first."""
    if not log:
        return
    last = log[-1]
    lines = [f"{_subject(read)} = {_short(read.value)}\n    at {_place(read)}{_ways(read)}" for read in _latest(log)]
    report.sections.append(("What the test read last", "\n".join(lines)))
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        return
    entries = getattr(getattr(report.longrepr, "reprtraceback", None), "reprentries", ())
    shown = entries[-1].lines if entries and hasattr(entries[-1], "lines") else []
    if last.question and f"{last.question}(" in crash.message:
        denied = "not " if f"where True = {last.question}(" in crash.message else ""
        sentence = f"{_subject(last)}: expected {denied}{last.expected}, got {_short(last.value)}, at {_place(last)}"
        crash.message = f"{sentence}\n{crash.message}"
        first = next((number for number, line in enumerate(shown) if line.startswith("E ")), len(shown))
        shown.insert(first, f"E       {sentence}")
    elif last.resource.address not in crash.message and not _is_explained(crash.message, log):
        found = f": expected {not last.value}, got" if isinstance(last.value, bool) else " ="
        sentence = f"{_subject(last)}{found} {_short(last.value)}"
        first_line, *rest = crash.message.splitlines() or [""]
        crash.message = "\n".join([f"{first_line}: {sentence} at {_place(last)}", *rest])
        shown += [f"E         {sentence}", f"E         at {_place(last)}"]


def _is_explained(message: str, log: Sequence[Read]) -> bool:
    """Whether `compared` has spoken."""
    return ": expected " in message and any(_subject(read) in message for read in log)


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


def _ways(read: Read) -> str:
    """How a value comes, where it was its wiring that was read."""
    if not isinstance(read.value, Wiring):
        return ""
    return "".join(f"\n    {describe(way)}" for way in read.resource.ways(read.path)[:SHOWN_WAYS])


def _subject(read: Read) -> str:
    return f"{read.resource.address}: {read.path}" if read.path else read.resource.address


def _place(read: Read) -> str:
    return str(read.resource.place_of(read.path) or "a place that is not at hand")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}... ({len(text)} characters)"


def _told_apart(got: object, expected: object) -> tuple[str, str]:
    """Both sides of a comparison in short, tokens as the texts that differ where they stand for the same."""
    shown = _short(got), _short(expected)
    if shown[0] == shown[1] and isinstance(got, Traced) and isinstance(expected, Traced):
        return str.__repr__(got), str.__repr__(expected)
    return shown


def _path_in(read: Read, side: object) -> str | None:
    """The path of a compared value in what was read, such as of a statement in a policy; None where it is not there."""
    if _same(read.value, side):
        return read.path
    steps = _steps_to(read.value, side) if isinstance(side, dict | list) else None
    if steps is None:
        return None
    inner = format_path(steps)
    return read.path + (inner if inner.startswith("[") else f".{inner}")


def _steps_to(value: object, part: object) -> tuple[Step, ...] | None:
    """The steps from a container to that very part of it."""
    if value is part:
        return ()
    pairs: Iterable[tuple[Step, object]] = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    for step, inner in pairs:
        steps = _steps_to(inner, part)
        if steps is not None:
            return (step, *steps)
    return None


def _texts(items: Iterable[str]) -> set[str]:
    return {str.__str__(item) for item in items}


def _same(read: object, side: object) -> bool:
    if read is side:
        return True
    # a test of a list in any order
    if isinstance(side, set | frozenset) and isinstance(read, list):
        return all(isinstance(item, str) for item in [*read, *side]) and _texts(read) == _texts(side)
    # numbers and texts come out of a plan as new objects; containers are compared as the objects they are
    return type(read) is type(side) and isinstance(read, int | float | str) and read == side
