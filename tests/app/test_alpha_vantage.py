"""Alpha Vantage's good and bad answers, over real HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import date

import pytest
from stock_dashboard.alpha_vantage import HOUR, MINUTE, AlphaVantage, RateLimited, UnknownSymbol, UpstreamError
from stock_dashboard.settings import Settings

from tests.app import running, standin


@pytest.fixture(scope="module")
def upstream() -> Iterator[standin.StandIn]:
    with standin.serving() as serving:
        yield serving


@pytest.fixture
def api(upstream: standin.StandIn) -> AlphaVantage:
    upstream.behaviour.clear()
    upstream.body.clear()
    upstream.asked.clear()
    return AlphaVantage(Settings(api_key=standin.KEY, upstream_url=upstream.url, timeout_seconds=5))


def test_a_series_comes_oldest_first_and_takes_one_request(api: AlphaVantage, upstream: standin.StandIn) -> None:
    upstream.body["AAPL"] = json.dumps(standin.series([100.0, 104.0, 102.96], date(2026, 11, 20)))
    prices = api.prices("AAPL")
    assert [close.day.day for close in prices.closes] == [20, 21, 22]
    assert prices.latest.price == 102.96
    assert prices.change == pytest.approx(-1.04)
    assert prices.change_percent == pytest.approx(-1.0)
    question = {"function": "TIME_SERIES_DAILY", "symbol": "AAPL", "outputsize": "compact", "apikey": standin.KEY}
    assert upstream.asked == [question]


def test_a_single_close_has_no_change(api: AlphaVantage, upstream: standin.StandIn) -> None:
    upstream.body["NEW"] = json.dumps(standin.series([5.0]))
    prices = api.prices("NEW")
    assert prices.change is None
    assert prices.change_percent is None


@pytest.mark.parametrize(("behaviour", "seconds"), [("limited", 7), ("limited_now", MINUTE), ("limited_today", HOUR)])
def test_a_rate_limit_says_how_long_to_be_quiet(
    api: AlphaVantage, upstream: standin.StandIn, behaviour: str, seconds: float
) -> None:
    upstream.behaviour["AAPL"] = behaviour
    with pytest.raises(RateLimited) as error:
        api.prices("AAPL")
    assert error.value.seconds == seconds


def test_an_unknown_symbol_is_told_from_a_failure(api: AlphaVantage, upstream: standin.StandIn) -> None:
    upstream.behaviour["NOPE"] = "unknown"
    with pytest.raises(UnknownSymbol, match="NOPE"):
        api.prices("NOPE")


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ("wrong_key", "refuses the key"),
        ("broken", "HTTP status 500"),
        ("moved", "HTTP status 302"),
        ("garbage", "not JSON"),
        ("deep", "not JSON"),
        ("huge", "more than a series"),
        ("gone", "cannot be reached"),
    ],
)
def test_a_failure_is_a_sentence_that_holds_no_key(
    api: AlphaVantage, upstream: standin.StandIn, behaviour: str, message: str
) -> None:
    upstream.behaviour["AAPL"] = behaviour
    with pytest.raises(UpstreamError, match=message) as error:
        api.prices("AAPL")
    assert standin.KEY not in f"{error.value!r} {error.value.__cause__!r}"
    assert upstream.symbols() == ["AAPL"], "neither a redirect nor a retry carries the key on"


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        '{"Time Series (Daily)": {}}',
        '{"Time Series (Daily)": {"2026-11-20": {"4. close": "NaN"}}}',
        '{"Time Series (Daily)": {"2026-11-20": {"4. close": "-1"}}}',
        '{"Time Series (Daily)": {"2026-11-20": {"4. close": null}}}',
        '{"Time Series (Daily)": {"2026-11-20": "12.0"}}',
        '{"Time Series (Daily)": {"yesterday": {"4. close": "12.0"}}}',
    ],
)
def test_prices_that_are_none_are_refused(api: AlphaVantage, upstream: standin.StandIn, body: str) -> None:
    upstream.body["AAPL"] = body
    with pytest.raises(UpstreamError):
        api.prices("AAPL")


@pytest.mark.parametrize("behaviour", ["slow", "drip"])
def test_no_answer_takes_longer_than_the_timeout(behaviour: str) -> None:
    with standin.serving() as upstream:
        upstream.behaviour["AAPL"] = behaviour
        api = AlphaVantage(Settings(api_key=standin.KEY, upstream_url=upstream.url, timeout_seconds=0.4))
        began = time.monotonic()
        with pytest.raises(UpstreamError, match=r"within 0\.4 seconds"):
            api.prices("AAPL")
        assert time.monotonic() - began < 10


def test_nobody_there_is_a_failure() -> None:
    url = f"http://127.0.0.1:{running.free_port()}/query"
    api = AlphaVantage(Settings(api_key=standin.KEY, upstream_url=url, timeout_seconds=2))
    with pytest.raises(UpstreamError, match="cannot be reached"):
        api.prices("AAPL")
