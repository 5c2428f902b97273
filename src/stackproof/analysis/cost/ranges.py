"""Amounts that are known exactly, lie between two bounds, or have no upper one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

Number = Decimal | int


@dataclass(frozen=True)
class Range:
    """From `low` to `high`, both included and never negative; `high` is None where nothing bounds it."""

    low: Decimal
    high: Decimal | None

    @classmethod
    def exactly(cls, number: Number) -> Range:
        """The range that holds one number."""
        return cls(Decimal(number), Decimal(number))

    @property
    def is_exact(self) -> bool:
        """Whether both bounds are the same."""
        return self.low == self.high

    def as_dict(self) -> dict[str, float | None]:
        """The bounds, as JSON has numbers."""
        return {"low": as_json(self.low), "high": None if self.high is None else as_json(self.high)}

    def __add__(self, other: Range) -> Range:
        high = None if self.high is None or other.high is None else self.high + other.high
        return Range(self.low + other.low, high)

    def __mul__(self, factor: Range | Number) -> Range:
        factor = factor if isinstance(factor, Range) else Range.exactly(factor)
        high = None if self.high is None or factor.high is None else self.high * factor.high
        return Range(self.low * factor.low, high)


def as_json(number: Decimal) -> float:
    """A number as JSON has it, to a millionth."""
    return float(round(number, 6))


NOTHING = Range.exactly(0)
ONE = Range.exactly(1)
