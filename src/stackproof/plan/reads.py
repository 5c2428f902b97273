"""Which values a test read: what failed assertions are explained with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Protocol

from stackproof.plan.provenance import Way
from stackproof.plan.source import Place


class Readable(Protocol):
    """What values are read from."""

    address: str

    def place_of(self, path: str) -> Place | None:
        """Where the value at a path is written; None where that is not at hand."""
        ...

    def ways(self, path: str) -> tuple[Way, ...]:
        """The ways that the value at a path comes."""
        ...


@dataclass(frozen=True)
class Read:
    """One value read through the public API: of which resource, at which path, and what it was.

    `question` is the method by which something was asked of the value, and `expected` what it answers True for.
    """

    resource: Readable
    path: str
    value: Any
    question: str = ""
    expected: str = ""


_log: ContextVar[list[Read] | None] = ContextVar("stackproof_reads", default=None)


@contextlib.contextmanager
def recording() -> Iterator[list[Read]]:
    """Collect every read that happens inside the block."""
    reads: list[Read] = []
    token = _log.set(reads)
    try:
        yield reads
    finally:
        _log.reset(token)


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """Record nothing inside the block: what an answer is worked out from would hide what a test asked."""
    token = _log.set(None)
    try:
        yield
    finally:
        _log.reset(token)


def record(resource: Readable, path: str, value: Any) -> None:  # noqa: ANN401
    """Note a read, where somebody records."""
    reads = _log.get()
    if reads is not None:
        reads.append(Read(resource, path, value))


def ask(value: Any, question: str, expected: str) -> None:  # noqa: ANN401
    """Note what is asked of a value that was read, where somebody records."""
    reads = _log.get() or []
    read = next((read for read in reversed(reads) if read.value is value), None)
    if read is not None:
        reads.append(replace(read, question=question, expected=expected))


def recorded() -> tuple[Read, ...]:
    """What the innermost recording holds so far."""
    return tuple(_log.get() or ())
