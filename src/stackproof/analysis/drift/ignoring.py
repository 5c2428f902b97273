"""Drift that somebody expects: patterns of addresses, or of addresses with a path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from stackproof.analysis.drift.differences import Difference
from stackproof.analysis.drift.drift import Drift
from stackproof.errors import PlanError


@dataclass(frozen=True)
class Considered:
    """What is left of some drift, what was expected of it, and the patterns that nothing matched."""

    drift: tuple[Drift, ...]
    ignored: tuple[Drift, ...]
    idle: tuple[str, ...]


def consider(drift: Sequence[Drift], patterns: Sequence[str]) -> Considered:
    """Set aside what patterns such as `module.ecs.*` or `aws_ecs_service.this.desired_count` match.

    `*` stands for any text, everything else for itself. A pattern that matches an address takes all of its drift, one
    that matches an address with a path that difference and what is below it. Raises PlanError for an empty pattern.
    """
    if not all(pattern.strip() for pattern in patterns):
        raise PlanError("a pattern of what to ignore is empty", remedy="write an address, such as module.ecs.*.")
    compiled = {pattern: re.compile(".*".join(map(re.escape, pattern.split("*")))) for pattern in patterns}
    left: list[Drift] = []
    ignored: list[Drift] = []
    used: set[str] = set()
    for one in drift:
        whole = {pattern for pattern, regex in compiled.items() if regex.fullmatch(one.address)}
        used |= whole
        if whole:
            ignored.append(one)
            continue
        kept: list[Difference] = []
        expected: list[Difference] = []
        for difference in one.differences:
            path = f"{one.address}.{difference.path}"
            matching = {
                pattern
                for pattern, regex in compiled.items()
                if any(regex.fullmatch(path[:end]) for end in _ends(path, len(one.address) + 1))
            }
            used |= matching
            (expected if matching else kept).append(difference)
        if expected:
            ignored.append(replace(one, differences=tuple(expected)))
        if kept or not expected:
            left.append(replace(one, differences=tuple(kept)))
    return Considered(tuple(left), tuple(ignored), tuple(pattern for pattern in patterns if pattern not in used))


def _ends(path: str, start: int) -> Iterator[int]:
    """Where a step of a path ends, as far as it stands after `start`."""
    return (match.start() for match in re.finditer(r"[.\[]|$", path) if match.start() > start)
