"""What is known of each symbol, and the one thread that asks for more.

No visitor ever waits for the source: a look gives what is known now, and has the rest fetched. Symbols are fetched one
after another with a pause between them, since Alpha Vantage counts requests by the second and by the day, and only
while somebody looks.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from stock_dashboard.alpha_vantage import HOUR, RateLimited, Source, UnknownSymbol, UpstreamError
from stock_dashboard.prices import Prices

RETRY_SECONDS = 60.0
"""How long a failure is believed, where the cache is not shorter than that."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Known:
    """What is known of a symbol: the last prices that were had, and what went wrong since, if something did."""

    symbol: str
    prices: Prices | None = None
    fetched: datetime | None = None
    error: UpstreamError | None = None
    due: float = 0.0

    @property
    def state(self) -> str:
        """`ready` with prices, however old; `failed` without and with an error; `loading` with neither."""
        return "ready" if self.prices else "failed" if self.error else "loading"

    @property
    def is_stale(self) -> bool:
        """Whether newer prices were asked for in vain."""
        return self.prices is not None and self.error is not None


class Feed:
    """The symbols of the watch list, and what a source says of them.

    `cache_seconds` is how long prices are good, `pause_seconds` how long to wait between two questions.
    """

    def __init__(
        self,
        source: Source,
        symbols: Sequence[str],
        *,
        cache_seconds: float,
        pause_seconds: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._cache_seconds = cache_seconds
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._known = {symbol: Known(symbol) for symbol in symbols}
        self._wanted: deque[str] = deque()
        self._quiet_until = 0.0
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="feed", daemon=True)

    def start(self) -> None:
        """Begin to fetch, everything once."""
        self._thread.start()
        self.look()

    @property
    def is_working(self) -> bool:
        """Whether what is wanted will ever be fetched."""
        return self._thread.is_alive()

    def look(self, *symbols: str) -> list[Known]:
        """What is known of some symbols, or of all, in order; what is due is fetched behind the caller's back."""
        with self._change:
            known = [self._known[symbol] for symbol in symbols or self._known]
            now = self._clock()
            if now >= self._quiet_until:
                self._wanted += [k.symbol for k in known if k.due <= now and k.symbol not in self._wanted]
                self._change.notify_all()
            return known

    def peek(self) -> list[Known]:
        """What is known of all symbols, with nothing fetched for it."""
        with self._change:
            return list(self._known.values())

    def _work(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._wanted)
                symbol = self._wanted[0]
            self._fetch(symbol)
            time.sleep(self._pause_seconds)

    def _fetch(self, symbol: str) -> None:
        """Ask for one symbol, and only then cross it off: until then it needs no second asking."""
        try:
            prices = self._source.prices(symbol)
        except RateLimited as error:
            self._be_quiet(error)
        except UpstreamError as error:
            self._fail(symbol, error)
        except Exception:  # noqa: BLE001 - whatever it is, the next symbol deserves its turn
            _log.exception("a fetch broke", extra={"fields": {"symbol": symbol}})
            self._fail(symbol, UpstreamError("The prices could not be read."))
        else:
            with self._change:
                fetched = datetime.now(UTC)
                due = self._clock() + self._cache_seconds
                self._known[symbol] = Known(symbol, prices, fetched, error=None, due=due)
                self._wanted.remove(symbol)

    def _fail(self, symbol: str, error: UpstreamError) -> None:
        _log.warning("no prices", extra={"fields": {"symbol": symbol, "reason": str(error)}})
        seconds = HOUR if isinstance(error, UnknownSymbol) else min(RETRY_SECONDS, self._cache_seconds)
        with self._change:
            self._known[symbol] = replace(self._known[symbol], error=error, due=self._clock() + seconds)
            self._wanted.remove(symbol)

    def _be_quiet(self, error: RateLimited) -> None:
        """Ask for nothing for a while: every further question would only count against the key."""
        _log.warning("rate limit", extra={"fields": {"seconds": error.seconds}})
        with self._change:
            self._quiet_until = self._clock() + error.seconds
            for symbol in self._wanted:
                self._known[symbol] = replace(self._known[symbol], error=error, due=self._quiet_until)
            self._wanted.clear()
