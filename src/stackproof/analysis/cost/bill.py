"""What one resource costs: lines with their prices, and what has none."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from stackproof.analysis.cost.prices import Price, Prices
from stackproof.analysis.cost.ranges import ONE, Number, Range
from stackproof.analysis.cost.usage import Assumption, Usage
from stackproof.plan import Resource, Stack
from stackproof.plan.values import Unknown, Value, Withheld

HOURS = Decimal(730)
"""Of a month: 365 days times 24 hours, by 12, as AWS's own calculator counts."""


@dataclass(frozen=True)
class Line:
    """One thing that a resource is charged for: so many units a month at a price.

    `basis` says in words what the quantity comes from; `assumptions` are the figures in it that somebody stated.
    """

    address: str
    service: str
    part: str
    quantity: Range
    price: Price
    basis: str = ""
    assumptions: tuple[Assumption, ...] = ()

    @property
    def cost(self) -> Range:
        """US dollars a month."""
        return self.quantity * self.price.amount

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON data."""
        return {
            "resource": self.address,
            "service": self.service,
            "part": self.part,
            "quantity": self.quantity.as_dict(),
            "price": self.price.as_dict(),
            "cost": self.cost.as_dict(),
            "basis": self.basis,
            "assumptions": [assumption.as_dict() for assumption in self.assumptions],
        }


class Missing(StrEnum):
    """Why something has no amount."""

    UNPRICED = "unpriced"
    UNASSUMED = "no assumption"
    UNDECIDED = "undecided"


@dataclass(frozen=True, order=True)
class Gap:
    """What is not in the sum: of which resource, why, and what of it."""

    address: str
    why: Missing
    what: str

    def as_dict(self) -> dict[str, str]:
        """The same as JSON data."""
        return {"resource": self.address, "why": self.why.value, "what": self.what}

    def __str__(self) -> str:
        return f"{self.address}: {self.why}: {self.what}"


@dataclass
class Bill:
    """Collects what one resource costs; those who know its type write on it."""

    resource: Resource
    stack: Stack
    region: str
    prices: Prices
    usage: Usage
    service: str = ""
    lines: list[Line] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def monthly(
        self, part: str, key: str, quantity: Range = ONE, *, basis: str = "", by: tuple[Assumption | None, ...] = ()
    ) -> None:
        """Charge for so many units a month; nothing where a figure that it goes `by` is not assumed."""
        if any(assumption is None for assumption in by):
            return
        price = self.prices.price(key, self.region)
        if price is None:
            self.gap(Missing.UNPRICED, f"{part}: no price of {key} in {self.region}")
            return
        assumed = tuple(assumption for assumption in by if assumption is not None)
        self.lines.append(Line(self.resource.address, self.service, part, quantity, price, basis, assumed))

    def hourly(self, part: str, key: str, count: Range = ONE, *, basis: str = "") -> None:
        """Charge for so many units in every hour of the month."""
        self.monthly(part, key, count * HOURS, basis=basis)

    def used(self, part: str, key: str, figure: str, *, per: Number = 1) -> None:
        """Charge for what is assumed to be used; `per` is how many make one unit of the price."""
        assumed = self.figure(figure)
        if assumed is not None:
            self.monthly(part, key, Range.exactly(assumed.value / per), by=(assumed,))

    def figure(self, name: str) -> Assumption | None:
        """What is assumed of this resource; where nothing is, that is noted."""
        found = self.usage.figure(
            name, address=self.resource.address, type=self.resource.type, environment=self.stack.environment
        )
        if found is None:
            self.gap(Missing.UNASSUMED, name)
        return found

    def gap(self, why: Missing, what: str) -> None:
        """Note that something is not in the sum."""
        gap = Gap(self.resource.address, why, what)
        if gap not in self.gaps:
            self.gaps.append(gap)

    def value(self, path: str, default: Value = None) -> Value:
        """The value at a path; the default where nothing sets it, even if the provider will say so only after apply."""
        value = self.resource.get(path, default)
        return default if isinstance(value, Unknown) and self.resource.leaves_out(path) else value

    def number(self, path: str, default: Number = 0, *, least: Number = 0, most: Number | None = None) -> Range:
        """The number at a path; where it is known only after apply, from `least` to `most`, and that is noted."""
        value = self.value(path)
        if isinstance(value, Withheld):
            if most is None:
                self.gap(Missing.UNDECIDED, f"{path}: {value!r}")
            return Range(Decimal(least), None if most is None else Decimal(most))
        return Range.exactly(Decimal(str(value)) if value is not None else Decimal(default))

    def text(self, path: str, default: str = "") -> str | None:
        """The text at a path; None, and noted, where it is known only after apply."""
        value = self.value(path, default)
        if isinstance(value, Withheld):
            self.gap(Missing.UNDECIDED, f"{path}: {value!r}")
            return None
        return str(value)

    def flag(self, path: str) -> bool | None:
        """Whether a flag is set; None, and noted, where that is known only after apply."""
        value = self.value(path, False)
        if isinstance(value, Withheld):
            self.gap(Missing.UNDECIDED, f"{path}: {value!r}")
            return None
        return bool(value)

    def items(self, path: str) -> list[Value] | None:
        """The elements or blocks at a path; None where not even their number is known before apply."""
        value = self.value(path, [])
        if isinstance(value, Withheld):
            return None
        return list(value) if isinstance(value, list) else []
