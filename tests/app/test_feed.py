"""The cache and the thread behind it: what is asked, when, and what is shown meanwhile."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import date

import pytest
from stock_dashboard.alpha_vantage import RateLimited, UnknownSymbol, UpstreamError
from stock_dashboard.feed import RETRY_SECONDS, Feed
from stock_dashboard.prices import Close, Prices


class Scripted:
    """A source that gives what it is told to, when it is let."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails: dict[str, Exception] = {}
        self.open = threading.Event()
        self.open.set()

    def prices(self, symbol: str) -> Prices:
        self.asked.append(symbol)
        self.open.wait(20)
        if symbol in self.fails:
            raise self.fails[symbol]
        return Prices(symbol, (Close(date(2026, 11, 20), float(len(self.asked))),))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def source() -> Scripted:
    return Scripted()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def feed(source: Scripted, clock: Clock) -> Feed:
    return Feed(source, ["A", "B"], cache_seconds=100, clock=clock)


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def states(feed: Feed) -> list[str]:
    return [known.state for known in feed.peek()]


def test_nobody_waits_for_the_source(feed: Feed, source: Scripted) -> None:
    source.open.clear()
    feed.start()
    eventually(lambda: source.asked == ["A"])
    for _ in range(3):
        assert [known.state for known in feed.look()] == ["loading", "loading"]
    source.open.set()
    eventually(lambda: states(feed) == ["ready", "ready"])
    assert source.asked == ["A", "B"], "looking again while something is on its way asks for nothing more"


def test_prices_are_good_for_as_long_as_the_cache_says(feed: Feed, source: Scripted, clock: Clock) -> None:
    feed.start()
    eventually(lambda: states(feed) == ["ready", "ready"])
    clock.now += 99
    feed.look()
    assert source.asked == ["A", "B"]
    clock.now += 2
    (old,) = feed.look("B")
    assert old.state == "ready"
    eventually(lambda: source.asked == ["A", "B", "B"])


def test_nothing_is_asked_while_nobody_looks(feed: Feed, source: Scripted, clock: Clock) -> None:
    feed.start()
    eventually(lambda: states(feed) == ["ready", "ready"])
    clock.now += 10_000
    feed.peek()
    time.sleep(0.05)
    assert source.asked == ["A", "B"]


def test_a_failure_keeps_the_last_prices_and_is_tried_again(feed: Feed, source: Scripted, clock: Clock) -> None:
    feed.start()
    eventually(lambda: states(feed) == ["ready", "ready"])
    clock.now += 101
    source.fails["A"] = UpstreamError("out of order")
    feed.look("A")
    eventually(lambda: feed.peek()[0].is_stale)
    known = feed.peek()[0]
    assert (known.state, str(known.error)) == ("ready", "out of order")
    assert known.prices is not None

    feed.look("A")
    time.sleep(0.05)
    assert source.asked.count("A") == 2, "a failure is believed for a while"
    clock.now += RETRY_SECONDS
    source.fails.clear()
    feed.look("A")
    eventually(lambda: not feed.peek()[0].is_stale)


def test_one_failure_does_not_keep_others_from_their_turn(feed: Feed, source: Scripted) -> None:
    source.fails["A"] = UnknownSymbol("no such thing")
    feed.start()
    eventually(lambda: states(feed) == ["failed", "ready"])


def test_a_rate_limit_ends_all_asking_until_it_is_over(feed: Feed, source: Scripted, clock: Clock) -> None:
    source.fails["A"] = RateLimited(30)
    feed.start()
    eventually(lambda: states(feed) == ["failed", "failed"])
    assert source.asked == ["A"], "B would only have counted against the key"
    clock.now += 29
    feed.look()
    time.sleep(0.05)
    assert source.asked == ["A"]
    clock.now += 1
    source.fails.clear()
    feed.look()
    eventually(lambda: states(feed) == ["ready", "ready"])


def test_the_feed_survives_what_nobody_foresaw(feed: Feed, source: Scripted, caplog: pytest.LogCaptureFixture) -> None:
    source.fails["A"] = ZeroDivisionError()
    with caplog.at_level(logging.ERROR):
        feed.start()
        eventually(lambda: states(feed) == ["failed", "ready"])
    assert feed.is_working
    assert "ZeroDivisionError" in caplog.text


def test_there_is_a_pause_between_two_questions(source: Scripted) -> None:
    feed = Feed(source, ["A", "B"], cache_seconds=100, pause_seconds=0.3)
    feed.start()
    eventually(lambda: states(feed)[0] == "ready")
    assert source.asked == ["A"]
    eventually(lambda: source.asked == ["A", "B"])
