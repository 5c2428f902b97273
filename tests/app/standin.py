"""A stand-in of Alpha Vantage over real HTTP, which does for each symbol what its name was told to do."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

KEY = "DEMO-KEY-0123456789"

REFUSED_TODAY = (
    f"We have detected your API key as {KEY} and our standard API rate limit is 25 requests per day. "
    "Please subscribe to instantly remove all daily rate limits."
)
REFUSED_NOW = "Please consider spreading out your free API requests more sparingly (1 request per second)."


def series(prices: list[float], first: date = date(2026, 6, 1)) -> dict[str, object]:
    """A daily series in the form of https://www.alphavantage.co/documentation/#daily, newest day first."""
    days = [(first + timedelta(index), price) for index, price in enumerate(prices)]
    return {
        "Meta Data": {"1. Information": "Daily Prices", "2. Symbol": "ANY"},
        "Time Series (Daily)": {
            day.isoformat(): {"1. open": "1.0", "2. high": "2.0", "3. low": "0.5", "4. close": f"{price:.4f}"}
            for day, price in reversed(days)
        },
    }


GOOD = json.dumps(series([100 + (index * 7) % 13 for index in range(100)]))


class StandIn:
    """Behaviour by symbol, and what was asked for. `"good"` is what a symbol does that was told nothing."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.behaviour: dict[str, str] = {}
        self.body: dict[str, str] = {}
        self.asked: list[dict[str, str]] = []
        self.released = threading.Event()

    def symbols(self) -> list[str]:
        return [question["symbol"] for question in self.asked]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    standin: StandIn

    def do_GET(self) -> None:
        question = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.standin.asked.append(question)
        symbol = question.get("symbol", "")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            getattr(self, "_" + self.standin.behaviour.get(symbol, "good"))(symbol)

    def _send(self, body: str, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body.encode())))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body.encode())

    def _good(self, symbol: str) -> None:
        self._send(self.standin.body.get(symbol, GOOD))

    def _slow(self, symbol: str) -> None:
        self.standin.released.wait(30)
        self._good(symbol)

    def _drip(self, _symbol: str) -> None:
        """A byte now and then: no read takes long, and all of them take for ever."""
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        while not self.standin.released.is_set():
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.05)

    def _limited(self, _symbol: str) -> None:
        self._send("", 429, Retry_After="7")

    def _limited_now(self, _symbol: str) -> None:
        self._send(json.dumps({"Information": REFUSED_NOW}))

    def _limited_today(self, _symbol: str) -> None:
        self._send(json.dumps({"Information": REFUSED_TODAY}))

    def _unknown(self, _symbol: str) -> None:
        self._send(json.dumps({"Error Message": "Invalid API call. Please retry or visit the documentation."}))

    def _wrong_key(self, _symbol: str) -> None:
        self._send(json.dumps({"Information": f"The parameter apikey {KEY} is invalid."}))

    def _broken(self, _symbol: str) -> None:
        self._send("Traceback (most recent call last)", 500)

    def _garbage(self, _symbol: str) -> None:
        self._send("<html>Be right back</html>")

    def _deep(self, _symbol: str) -> None:
        self._send("[" * 200_000)

    def _huge(self, _symbol: str) -> None:
        self._send(" " * 3_000_000)

    def _moved(self, symbol: str) -> None:
        self._send("", 302, Location=f"{self.standin.url}?symbol=elsewhere-{symbol}&apikey=" + KEY)

    def _gone(self, _symbol: str) -> None:
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that gave up: some of them are meant to."""


@contextlib.contextmanager
def serving() -> Iterator[StandIn]:
    """A stand-in on a free port of the loopback, for as long as it is needed."""
    handler = type("Handler", (_Handler,), {})
    with _Server(("127.0.0.1", 0), handler) as server:
        standin = handler.standin = StandIn(f"http://127.0.0.1:{server.server_port}/query")  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield standin
        finally:
            standin.released.set()
            server.shutdown()
            thread.join()
