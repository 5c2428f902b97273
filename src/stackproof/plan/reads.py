"""Which values a test read: what failed assertions are explained with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
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
    """One value read through the public API: of which resource, at which path, and what it was."""

    resource: Readable
    path: str
    value: Any


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


def record(resource: Readable, path: str, value: Any) -> None:  # noqa: ANN401
    """Note a read, where somebody records."""
    reads = _log.get()
    if reads is not None:
        reads.append(Read(resource, path, value))


def recorded() -> tuple[Read, ...]:
    """What the innermost recording holds so far."""
    return tuple(_log.get() or ())
