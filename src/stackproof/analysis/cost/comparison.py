"""What a change costs: one estimate against another of the same environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from stackproof.analysis.cost.estimate import Estimate
from stackproof.analysis.cost.ranges import NOTHING, Range, as_json


@dataclass(frozen=True)
class Difference:
    """What something cost and will cost, in US dollars a month; None where it is not there, or has no amount."""

    name: str
    before: Range | None
    after: Range | None

    @property
    def low(self) -> Decimal:
        """How much more it costs at the least."""
        return (self.after or NOTHING).low - (self.before or NOTHING).low

    @property
    def high(self) -> Decimal | None:
        """How much more it costs at the most; None where nothing bounds one of the two."""
        before, after = (self.before or NOTHING).high, (self.after or NOTHING).high
        return None if before is None or after is None else after - before

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON data."""
        return {
            "name": self.name,
            "before": self.before and self.before.as_dict(),
            "after": self.after and self.after.as_dict(),
            "difference": {"low": as_json(self.low), "high": None if self.high is None else as_json(self.high)},
        }


@dataclass(frozen=True)
class Comparison:
    """The difference of two estimates: in all, by service, by resource, and in what has no amount."""

    environment: str
    total: Difference
    services: Sequence[Difference]
    resources: Sequence[Difference]
    new_gaps: Sequence[str]
    lost_gaps: Sequence[str]

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON data."""
        return {
            "total": self.total.as_dict(),
            "services": [one.as_dict() for one in self.services],
            "resources": [one.as_dict() for one in self.resources],
            "new_gaps": list(self.new_gaps),
            "lost_gaps": list(self.lost_gaps),
        }


def compare(base: Estimate | None, head: Estimate, moved: Mapping[str, str] = {}) -> Comparison:
    """What `head` costs more than `base` (nothing, without one); `moved` has former addresses by new ones."""
    was = {} if base is None else dict(base.by_resource())
    former = {moved.get(address, address): address for address in head.by_resource()}
    was = {former.get(address, address): amount for address, amount in was.items()}
    gaps_before = set() if base is None else {str(gap) for gap in base.gaps}
    gaps_after = {str(gap) for gap in head.gaps}
    return Comparison(
        head.environment,
        Difference("total", base.total if base else None, head.total),
        _differences({} if base is None else base.by_service(), head.by_service()),
        _differences(was, head.by_resource()),
        sorted(gaps_after - gaps_before),
        sorted(gaps_before - gaps_after),
    )


def _differences(before: Mapping[str, Range], after: Mapping[str, Range]) -> list[Difference]:
    both = [Difference(name, before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])]
    changed = [one for one in both if one.before != one.after]
    return sorted(changed, key=lambda one: (-abs(one.low), one.name))
