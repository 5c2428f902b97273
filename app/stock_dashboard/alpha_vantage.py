"""Alpha Vantage, of which one request a symbol is asked: its daily series has the latest price and the chart in one.

https://www.alphavantage.co/documentation/#daily

Its refusals come as 200 with a sentence in place of the series, and some sentences repeat the key. So no text of an
answer, and no text of a failed connection (whose URL holds the key), leaves this module.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from datetime import date
from typing import Protocol, cast

import urllib3

from stock_dashboard.prices import Close, Prices
from stock_dashboard.settings import Settings

LARGEST_ANSWER = 2_000_000
"""Bytes. A hundred days are some 20 kB."""

MINUTE = 60.0
HOUR = 3600.0


class UpstreamError(Exception):
    """Prices that could not be had; the message is for people, and safe to show."""


class UnknownSymbol(UpstreamError):
    """There is no such symbol, as far as Alpha Vantage knows."""


class RateLimited(UpstreamError):
    """The key has used up what it may ask for.

    `seconds` is how long to ask for nothing.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__("Alpha Vantage answers no more requests with this key for now.")
        self.seconds = seconds


class Source(Protocol):
    """Where prices come from."""

    def prices(self, symbol: str) -> Prices:
        """The prices of a symbol. Raises UpstreamError where they cannot be had."""


class AlphaVantage:
    """The API, with the key and the deadline of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool = urllib3.PoolManager(retries=False, headers={"User-Agent": "stock-dashboard"})

    def prices(self, symbol: str) -> Prices:
        """The last hundred closes of a symbol.

        Raises UnknownSymbol, RateLimited, or UpstreamError for whatever else there is in their place.
        """
        return _prices(symbol, self._ask({"function": "TIME_SERIES_DAILY", "symbol": symbol, "outputsize": "compact"}))

    def _ask(self, question: Mapping[str, str]) -> Mapping[str, object]:
        limit = self._settings.timeout_seconds
        deadline = time.monotonic() + limit
        try:
            response = self._pool.request(
                "GET",
                self._settings.upstream_url,
                fields={**question, "apikey": self._settings.api_key},
                timeout=urllib3.Timeout(total=limit),
                redirect=False,  # a redirect would carry the key elsewhere
                preload_content=False,
            )
            try:
                if response.status == 429:
                    raise RateLimited(_retry_after(response.headers.get("Retry-After")))
                if response.status != 200:
                    raise UpstreamError(f"Alpha Vantage answered with HTTP status {response.status}.")
                body = _body(response, deadline)
            finally:
                response.close()
        except urllib3.exceptions.NewConnectionError:  # which counts as a timeout, and is none
            raise UpstreamError("Alpha Vantage cannot be reached.") from None
        except urllib3.exceptions.TimeoutError:
            raise UpstreamError(f"Alpha Vantage did not answer within {limit:g} seconds.") from None
        except urllib3.exceptions.HTTPError:
            raise UpstreamError("Alpha Vantage cannot be reached.") from None
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise UpstreamError("Alpha Vantage answered with something that is not JSON.")
        return answer


def _body(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """The whole answer; a timeout is for one read only, and many small reads can take for ever."""
    body = bytearray()
    while chunk := response.read1(65_536):
        body += chunk
        if time.monotonic() > deadline:
            raise urllib3.exceptions.TimeoutError
        if len(body) > LARGEST_ANSWER:
            raise UpstreamError("Alpha Vantage answered with more than a series of prices.")
    return bytes(body)


def _retry_after(text: str | None) -> float:
    seconds = float(text) if text and text.isdecimal() else MINUTE
    return min(max(seconds, 1.0), HOUR)


def _prices(symbol: str, answer: Mapping[str, object]) -> Prices:
    series = answer.get("Time Series (Daily)")
    if isinstance(series, dict):
        return _closes(symbol, series)
    if "Error Message" in answer:
        raise UnknownSymbol(f"Alpha Vantage knows no prices of {symbol}.")
    refusal = str(answer.get("Information") or answer.get("Note") or "").lower()
    if "rate limit" in refusal or "call frequency" in refusal or "requests per" in refusal or "request per" in refusal:
        raise RateLimited(HOUR if "per day" in refusal and "per second" not in refusal else MINUTE)
    if "key" in refusal:
        raise UpstreamError("Alpha Vantage refuses the key.")
    raise UpstreamError("Alpha Vantage answered without prices.")


def _closes(symbol: str, series: Mapping[str, object]) -> Prices:
    try:
        closes = tuple(
            Close(date.fromisoformat(day), float(cast("dict[str, str]", values)["4. close"]))
            for day, values in sorted(series.items())
        )
    except (KeyError, TypeError, ValueError):
        closes = ()
    if not closes or not all(math.isfinite(close.price) and close.price > 0 for close in closes):
        raise UpstreamError("Alpha Vantage answered with prices that are none.")
    return Prices(symbol, closes)
