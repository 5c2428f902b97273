"""The bundled sample: invented prices, for a dashboard without a key. They are shown as such."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from importlib import resources

from stock_dashboard.alpha_vantage import UnknownSymbol
from stock_dashboard.prices import Close, Prices


class Sample:
    """A source that asks nobody."""

    def __init__(self) -> None:
        text = resources.files("stock_dashboard").joinpath("sample.json").read_text("utf-8")
        content = json.loads(text)
        self._days: tuple[date, ...] = tuple(date.fromisoformat(day) for day in content["days"])
        self._closes: Mapping[str, list[float]] = content["closes"]

    def prices(self, symbol: str) -> Prices:
        """The invented closes of a symbol. Raises UnknownSymbol where the sample has none."""
        if symbol not in self._closes:
            raise UnknownSymbol(f"The sample has no prices of {symbol}.")
        return Prices(symbol, tuple(map(Close, self._days, self._closes[symbol])))
