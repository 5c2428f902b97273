"""One thing that a run left, as the janitor speaks of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from fnmatch import fnmatchcase

from stackproof.sandbox.runs import SandboxRun


class Kind(Enum):
    """What is left of a run."""

    RESOURCE = "resource"
    LOCK = "lock"
    STATE = "state"
    RECORD = "record"
    FILE = "file"


@dataclass(frozen=True)
class Leftover:
    """What is left of a run: a resource (`name` is its ARN), a lock, a state, a record (each by its place) or a file.

    `expires` is when it does by its own account, None where that cannot be read. `found` says how it was found.
    `detail` is what more there is to say, `others` are names that it goes by, too, such as those in a state. `made` is
    the run that it tells of, where it does.
    """

    kind: Kind
    name: str
    run: str
    expires: datetime | None
    found: str
    detail: str = ""
    others: Sequence[str] = ()
    made: SandboxRun | None = None

    def fits(self, patterns: Sequence[str]) -> bool:
        """Whether a glob fits its name, the last part of that, its run, or another name of it."""
        names = (self.name, self.name.rsplit("/", 1)[-1].rsplit(":", 1)[-1], self.run, *self.others)
        return any(fnmatchcase(name, pattern) for pattern in patterns for name in names)
