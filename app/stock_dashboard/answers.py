"""What the API says, as plain data: the shape that the page's own script reads."""

from __future__ import annotations

from collections.abc import Sequence

from stock_dashboard.alpha_vantage import RateLimited, UnknownSymbol
from stock_dashboard.feed import Known

Json = dict[str, object]

SAMPLE = "There is no API key, so these are sample data: invented prices that nobody ever paid."


def quotes(known: Sequence[Known], *, live: bool) -> Json:
    """The watch list with the latest price of each symbol, and the one sentence that has to stand above it."""
    return {"source": _source(live), "notice": _notice(known, live=live), "quotes": [_quote(one) for one in known]}


def history(known: Known, *, live: bool) -> Json:
    """The closes of one symbol, oldest first."""
    closes = known.prices.closes if known.prices else ()
    return {
        **_quote(known),
        "source": _source(live),
        "closes": [{"day": close.day.isoformat(), "price": close.price} for close in closes],
    }


def condition(known: Sequence[Known], *, live: bool) -> str:
    """The worst that is true of the prices as a whole, in two words at most."""
    if not live:
        return "sample"
    if any(isinstance(one.error, RateLimited) for one in known):
        return "rate limited"
    if any(one.error and not isinstance(one.error, UnknownSymbol) for one in known):
        return "upstream error"
    return "loading" if any(one.state == "loading" for one in known) else "live"


def _source(live: bool) -> str:
    return "live" if live else "sample"


def _quote(known: Known) -> Json:
    prices = known.prices
    return {
        "symbol": known.symbol,
        "state": known.state,
        "stale": known.is_stale,
        "message": str(known.error) if known.error else None,
        "price": prices and prices.latest.price,
        "change": prices and _rounded(prices.change),
        "change_percent": prices and _rounded(prices.change_percent),
        "day": prices and prices.latest.day.isoformat(),
        "fetched_at": known.fetched and known.fetched.isoformat(timespec="seconds"),
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)


def _notice(known: Sequence[Known], *, live: bool) -> Json | None:
    kind = condition(known, live=live)
    if kind == "sample":
        return {"kind": kind, "message": SAMPLE}
    if kind not in {"rate limited", "upstream error"}:
        return None
    message = next(str(one.error) for one in known if one.error and not isinstance(one.error, UnknownSymbol))
    older = " What is shown is the last that was had." if any(one.is_stale for one in known) else ""
    return {"kind": kind, "message": f"{message}{older} It will be asked again."}
