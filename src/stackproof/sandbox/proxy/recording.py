"""All calls of a run, in the order in which they were answered."""

from __future__ import annotations

import dataclasses
import json
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from stackproof.errors import SandboxError
from stackproof.sandbox.api.calls import Call

_FIELDS = {field.name for field in dataclasses.fields(Call)}


class Recording:
    """Calls, each kept when it was answered; an observer of a proxy, and safe in many threads.

    `len(recording)` is a mark, which `since` takes.
    """

    def __init__(self, calls: Iterable[Call] = ()) -> None:
        self._calls = list(calls)
        self._lock = threading.Lock()

    def __call__(self, call: Call) -> None:
        """Keep a call."""
        with self._lock:
            self._calls.append(call)

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self.calls)

    @property
    def calls(self) -> tuple[Call, ...]:
        """All of them up to now."""
        with self._lock:
            return tuple(self._calls)

    def since(self, mark: int) -> Recording:
        """What came after a mark, a former length of this recording."""
        return Recording(self.calls[mark:])

    @property
    def counts(self) -> Counter[str]:
        """How often each action was called, by `service:action`."""
        return Counter(map(str, self.calls))

    @property
    def services(self) -> Counter[str]:
        """How often each service was called."""
        return Counter(call.service for call in self.calls)

    def of(self, service: str) -> tuple[Call, ...]:
        """The calls of one service."""
        return tuple(call for call in self.calls if call.service == service)

    def save(self, file: Path) -> None:
        """Write one JSON object a line, all or nothing; raises SandboxError where that cannot be done."""
        lines = "".join(json.dumps(dataclasses.asdict(call), default=str) + "\n" for call in self.calls)
        beside = None
        try:
            # readable by its owner alone, as names in an account need not be everybody's
            with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.", delete=False) as part:
                beside = Path(part.name)
                part.write(lines)
            beside.replace(file)
        except OSError as error:
            if beside is not None:
                beside.unlink(missing_ok=True)
            raise SandboxError(f"the recording cannot be written: {error.strerror}", where=str(file)) from None

    @classmethod
    def load(cls, file: Path) -> Recording:
        """Read what `save` wrote; raises SandboxError where a line is none of it."""
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            what = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise SandboxError(f"the recording cannot be read: {what}", where=str(file)) from None
        return cls(_call(line, f"{file}:{number}") for number, line in enumerate(lines, 1))


def _call(line: str, where: str) -> Call:
    try:
        read = json.loads(line)
        call = Call(**{name: value for name, value in read.items() if name in _FIELDS})
    except (ValueError, TypeError, AttributeError, RecursionError):
        call = None
    if call is None or not (isinstance(call.service, str) and isinstance(call.action, str)):
        raise SandboxError("this is no recorded call", where=where, remedy="record the run again.")
    return call
