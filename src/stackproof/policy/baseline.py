"""What a stack of older days is known to break: only what is new fails, until nothing is left.

A known finding is one rule, address, path and message in one environment, whatever line it is on. So a new violation
does not hide behind an old one of the same rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from stackproof.errors import PolicyError
from stackproof.policy.finding import Finding

VERSION = 1

Key = tuple[str, str, str, str, str]
"""Environment, rule, address, path, message."""


@dataclass
class Baseline:
    """The findings that a file holds; `used` are those that were found again."""

    file: Path
    known: frozenset[Key]
    used: set[Key] = field(default_factory=set)

    def covers(self, finding: Finding, environment: str) -> bool:
        """Whether a finding in an environment is known; it is noted as found again."""
        key = (environment, *finding.key)
        if key not in self.known:
            return False
        self.used.add(key)
        return True

    @property
    def mended(self) -> int:
        """How many of the known findings are gone."""
        return len(self.known) - len(self.used)

    def shrink(self) -> None:
        """Forget what was not found again, so that it fails where it comes back."""
        if self.mended:
            _write(self.file, self.used)


def read_baseline(file: Path) -> Baseline:
    """The baseline in a file; raises PolicyError where it holds none."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if content["version"] != VERSION:
            raise PolicyError(f"is of version {content['version']}, not {VERSION}", where=str(file))
        entries = [
            (entry["environment"], entry["rule"], entry["address"], entry["path"], entry["message"])
            for entry in content["findings"]
        ]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise PolicyError(
            f"holds no baseline ({type(error).__name__}: {error})",
            where=str(file),
            remedy="make one: stackproof policy --baseline FILE --new-baseline.",
        ) from None
    return Baseline(file, frozenset(entries))


def write_baseline(file: Path, findings: Iterable[Finding]) -> int:
    """Record findings as known, in the place of whatever a file holds; says how many."""
    keys = {(environment, *finding.key) for finding in findings for environment in finding.environments}
    _write(file, keys)
    return len(keys)


def _write(file: Path, keys: Iterable[Key]) -> None:
    names = ("environment", "rule", "address", "path", "message")
    entries = [dict(zip(names, key, strict=True)) for key in sorted(keys)]
    text = json.dumps({"version": VERSION, "findings": entries}, indent=2)
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_text(f"{text}\n", encoding="utf-8")
        part.replace(file)
    except OSError as error:
        raise PolicyError(f"cannot be written: {error}", where=str(file)) from None
