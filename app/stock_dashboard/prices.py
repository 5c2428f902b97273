"""Prices: what one symbol cost at the end of each trading day, and what follows from that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Close:
    """The last price of one trading day, in the currency of its exchange."""

    day: date
    price: float


@dataclass(frozen=True)
class Prices:
    """The closes of a symbol, oldest first, at least one."""

    symbol: str
    closes: tuple[Close, ...]

    @property
    def latest(self) -> Close:
        """The newest close."""
        return self.closes[-1]

    @property
    def change(self) -> float | None:
        """What the newest close differs by from the one before, if there is one."""
        return self.latest.price - self.closes[-2].price if len(self.closes) > 1 else None

    @property
    def change_percent(self) -> float | None:
        """The same in percent of the close before."""
        return None if self.change is None else 100 * self.change / self.closes[-2].price
