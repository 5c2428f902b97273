"""The figures of one trial, as they are told at the end of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stackproof.terraform.operations import Operation

TOLD_SECONDS = 1.0
"""Resources of a critical path that took less kept nobody."""


@dataclass
class Report:
    """The figures of one trial; what was not asked is None, `drift` and `faults` are (seen, made)."""

    stack: str
    environment: str
    resources: int = 0
    seconds: float = 0.0
    calls: int = 0
    idempotent: bool | None = None
    drift: tuple[int, int] | None = None
    leaks: int | None = None
    faults: tuple[int, int] | None = None
    critical_path: Sequence[Operation] = field(default_factory=tuple)
    recording: Path | None = None

    def lines(self) -> Iterator[tuple[str, str]]:
        """What was asked and what it came to, each by its name."""
        if self.resources:
            yield "applied", f"{self.resources} resources in {self.seconds:.0f} s"
            yield "API calls", f"{self.calls:,}"
        if self.idempotent is not None:
            yield "idempotent", "yes" if self.idempotent else "NO"
        if self.drift is not None:
            yield "drift", f"{self.drift[0]} of {self.drift[1]} seen"
        if self.leaks is not None:
            yield "leaks", str(self.leaks)
        if self.faults is not None:
            yield "faults", f"{self.faults[0]} of {self.faults[1]} survived"
        slow = [operation for operation in self.critical_path if operation.seconds >= TOLD_SECONDS]
        if slow:
            yield "critical path", " > ".join(f"{one.address} {one.seconds:.0f} s" for one in slow)
        if self.recording is not None:
            yield "recording", str(self.recording)
