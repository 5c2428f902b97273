"""What Terraform does while it applies or destroys, as it tells it: one operation a resource instance.

https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

_ENDS = {"apply_complete": True, "apply_errored": False}
_CHANGING = frozenset({"create", "update", "delete", "replace"})


@dataclass(frozen=True)
class Operation:
    """What was done to one resource instance.

    `began` and `ended` are seconds since 1970 by Terraform's own clock, `succeeded` whether it could be done.
    """

    address: str
    action: str
    began: float
    ended: float
    succeeded: bool = True

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began


@dataclass(frozen=True)
class Progress:
    """How far a command has come: operations `done` of `planned`, and those under way with their seconds so far."""

    done: int
    planned: int
    waiting: Mapping[str, float]

    def __str__(self) -> str:
        told = f"{self.done} of {self.planned}"
        if self.waiting:
            address, seconds = max(self.waiting.items(), key=lambda item: item[1])
            others = f" and {len(self.waiting) - 1} more" if len(self.waiting) > 1 else ""
            told += f", waiting for {address} ({seconds:.0f} s){others}"
        return told


class Operations:
    """Listens to the messages of one command; `on_progress` is called at each that changes how far it has come."""

    def __init__(self, on_progress: Callable[[Progress], object] | None = None) -> None:
        self.done: list[Operation] = []
        self._on_progress = on_progress
        self._running: dict[tuple[str, str], float] = {}
        self._planned = 0
        self._now = 0.0
        self._lock = Lock()

    def hear(self, line: str) -> None:
        """Take one line of standard output; lines that are no messages say nothing."""
        told = False
        with contextlib.suppress(ValueError, KeyError, TypeError):
            message = json.loads(line)
            with self._lock:
                told = self._take(message)
        if told and self._on_progress is not None:
            self._on_progress(self.progress)

    @property
    def progress(self) -> Progress:
        """How far the command has come."""
        with self._lock:
            waiting = {address: max(0.0, self._now - began) for (address, _), began in self._running.items()}
            return Progress(len(self.done), self._planned, waiting)

    def _take(self, message: Mapping[str, Any]) -> bool:
        kind = message["type"]
        self._now = max(self._now, datetime.fromisoformat(message["@timestamp"]).timestamp())
        if kind == "planned_change" and message["change"]["action"] in _CHANGING:
            # a replacement is told as one change, and done in two operations
            self._planned += 2 if message["change"]["action"] == "replace" else 1
            return False
        if kind not in ("apply_start", "apply_progress", *_ENDS):
            return False
        hook = message["hook"]
        address, action = hook["resource"]["addr"], hook["action"]
        if action not in _CHANGING:
            return False
        if kind == "apply_start":
            self._running[address, action] = self._now
        elif kind in _ENDS:
            began = self._running.pop((address, action), self._now)
            self.done.append(Operation(address, action, began, self._now, _ENDS[kind]))
        return True
