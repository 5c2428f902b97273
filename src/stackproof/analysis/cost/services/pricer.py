"""What a resource type has: a function that writes its bill, its service, and the figures that it goes by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from stackproof.analysis.cost.bill import Bill


@dataclass(frozen=True)
class Pricer:
    """How one resource type is priced; `figures` are what has to be assumed a month, with what each means."""

    service: str
    write: Callable[[Bill], None]
    figures: Mapping[str, str] = field(default_factory=dict)
