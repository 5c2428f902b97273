"""How long answers take, as percentiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Latency:
    """Seconds of each request, sorted."""

    seconds: tuple[float, ...]

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Latency:
        """The latency of at least one request."""
        return cls(tuple(sorted(seconds)))

    def percentile(self, percent: float) -> float:
        """The smallest measured time within which `percent` of the requests were answered (nearest rank)."""
        rank = math.ceil(percent / 100 * len(self.seconds))
        return self.seconds[max(rank, 1) - 1]

    def __str__(self) -> str:
        shown = (f"p{percent} {self.percentile(percent) * 1000:.0f} ms" for percent in (50, 95, 99))
        return f"{len(self.seconds)} requests, {', '.join(shown)}, slowest {self.seconds[-1] * 1000:.0f} ms"
