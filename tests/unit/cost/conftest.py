"""Prices that are round numbers, so that sums can be done in the head."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from stackproof.analysis.cost import FIGURES, Estimate, Usage, estimate, load_usage
from stackproof.analysis.cost.prices import Price

from .plans import plan


@dataclass
class Round:
    """One dollar for everything that is asked, except where a test says otherwise."""

    amounts: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    asked: list[tuple[str, str]] = field(default_factory=list)

    def price(self, key: str, region: str) -> Price | None:
        self.asked.append((key, region))
        if key in self.unknown:
            return None
        amount = Decimal(self.amounts.get(key, "1"))
        return Price(key, region, amount, "unit", "https://aws.amazon.com/pricing/", date(2026, 1, 1))

    def describe(self, today: date) -> str:
        return f"round prices, {today}"


@dataclass(frozen=True)
class Costs:
    """An estimate, as tests ask of it."""

    estimate: Estimate

    def quantity(self, part: str) -> tuple[float, float | None]:
        """From and to of the one line with this part."""
        (line,) = [line for line in self.estimate.lines if line.part == part]
        return float(line.quantity.low), None if line.quantity.high is None else float(line.quantity.high)

    def key(self, part: str) -> str:
        (line,) = [line for line in self.estimate.lines if line.part == part]
        return line.price.key

    @property
    def parts(self) -> list[str]:
        return [line.part for line in self.estimate.lines]

    @property
    def gaps(self) -> list[str]:
        return [f"{gap.why}: {gap.what}" for gap in self.estimate.gaps]


@pytest.fixture
def usage_of(tmp_path: Path) -> Callable[[str], Usage]:
    """The assumptions in a text."""

    def read(text: str) -> Usage:
        file = tmp_path / "usage.toml"
        file.write_text(text, encoding="utf-8")
        return load_usage(file, FIGURES)

    return read


@pytest.fixture
def costs(usage_of: Callable[[str], Usage]) -> Callable[..., Costs]:
    """What some resources cost, under some assumptions, at round prices."""

    def cost(resources: Mapping[str, Mapping[str, Any]], usage: str = "", *, prices: Any = None, **plans: Any) -> Costs:
        return Costs(estimate(plan(resources, **plans), prices or Round(), usage_of(usage)))

    return cost
