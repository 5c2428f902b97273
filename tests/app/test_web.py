"""What the application answers, asked in this process."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from stock_dashboard import assets, web
from stock_dashboard.settings import Settings

from tests.app import standin

VERSIONED = Settings(version="1.2.3", commit="0123456789abcdef0123")
KEY = standin.KEY


@pytest.fixture(scope="module")
def app() -> Flask:
    return web.create(VERSIONED)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """The dashboard without a key, when it has read its sample."""
    client = app.test_client()
    settled(client)
    return client


@pytest.fixture
def upstream() -> Iterator[standin.StandIn]:
    with standin.serving() as serving:
        yield serving


def live(upstream: standin.StandIn, *symbols: str, timeout: float = 10.0) -> FlaskClient:
    """The dashboard with a key, in front of the stand-in."""
    settings = Settings(KEY, upstream.url, symbols or ("AAPL", "MSFT"), timeout_seconds=timeout, pause_seconds=0)
    return web.create(settings).test_client()


def settled(client: FlaskClient) -> Any:
    """Quotes when nothing is on its way any more."""
    deadline = time.monotonic() + 20
    while True:
        answer = client.get("/api/quotes").json
        assert answer is not None
        if all(quote["state"] != "loading" for quote in answer["quotes"]):
            return answer
        assert time.monotonic() < deadline, answer
        time.sleep(0.02)


class _Links(HTMLParser):
    """Where a page points to, and whether it holds code or style of its own."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"href", "src"} and value and not value.startswith("#"):
                self.links.add(value)
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")
        if tag == "style" or (tag == "script" and "src" not in dict(attrs)):
            self.inline.append(tag)


def test_the_page_has_what_it_is_known_by(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    for part in ("<title>Stock dashboard</title>", "<main>", 'data-version="1.2.3"', 'data-symbol="NVDA"'):
        assert part in answer.text
    assert 'data-commit="0123456789abcdef0123">Commit 0123456789ab<' in answer.text


def test_the_page_asks_for_its_own_files_only_and_they_are_there(client: FlaskClient) -> None:
    page = _Links(client.get("/").text)
    assert page.inline == []
    assert {link.rsplit("/", 1)[1] for link in page.links} == {"icon.svg", "page.css", "page.js"}
    for link in page.links:
        assert link.startswith(f"/static/{assets.digest()}/")
        with client.get(link) as answer:
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == assets.FOR_EVER


def test_scripts_find_one_another(client: FlaskClient) -> None:
    for script in assets.FOLDER.glob("*.js"):
        for name in re.findall(r'from "\./([^"]+)"', script.read_text()):
            with client.get(f"/static/{assets.digest()}/{name}") as answer:
                assert answer.mimetype == "text/javascript"


def test_a_file_of_another_version_is_given_but_not_to_keep(client: FlaskClient) -> None:
    with client.get("/static/0000000000000000/page.js") as answer:
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_the_hash_changes_with_any_file(tmp_path: Any) -> None:
    (tmp_path / "a.js").write_text("1")
    before = assets.digest(tmp_path)
    (tmp_path / "a.js").write_text("2")
    assert assets.digest(tmp_path) != before
    (tmp_path / "a.js").write_text("1")
    assert assets.digest(tmp_path) == before
    (tmp_path / "a.js").rename(tmp_path / "b.js")
    assert assets.digest(tmp_path) != before


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/readyz", "/api/quotes", "/api/history/NOPE", "/nope", "/static/x/y"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_answer_has_the_security_headers(client: FlaskClient, path: str, scheme: str) -> None:
    headers = client.get(path, headers={"X-Forwarded-Proto": scheme}).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert ("Strict-Transport-Security" in headers) == (scheme == "https")
    assert "Set-Cookie" not in headers


def test_no_proxy_means_no_https(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers


@pytest.mark.parametrize("path", ["/nope", "/static/x/../web.py", "/static/x/%2e%2e/web.py", "/..%2f"])
def test_what_there_is_not_is_a_page_that_says_so(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "<title>Not Found · Stock dashboard</title>" in answer.text
    assert "Traceback" not in answer.text


def test_a_path_is_never_repeated(client: FlaskClient) -> None:
    assert "script>" not in client.get("/<script>alert(1)</script>").text.split("<main>")[1]


def test_other_methods_are_refused(client: FlaskClient) -> None:
    answer = client.post("/")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert client.head("/").status_code == 200


def test_a_bug_is_logged_and_not_shown(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    app = web.create(Settings())

    def broken() -> None:
        raise RuntimeError("TOP-SECRET")

    monkeypatch.setitem(app.view_functions, "index", broken)
    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/")
    assert answer.status_code == 500
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "Internal Server Error" in answer.text
    assert "TOP-SECRET" not in answer.text
    assert "Traceback" not in answer.text
    assert "TOP-SECRET" in caplog.text


def test_alive_says_which_version(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok", "version": "1.2.3", "commit": VERSIONED.commit}


def test_without_a_key_there_is_a_sample_that_says_what_it_is(client: FlaskClient) -> None:
    answer = settled(client)
    assert answer["source"] == "sample"
    assert answer["notice"]["kind"] == "sample"
    assert "no API key" in answer["notice"]["message"]
    assert "invented" in answer["notice"]["message"]
    assert [quote["symbol"] for quote in answer["quotes"]] == list(VERSIONED.watch_list)
    for quote in answer["quotes"]:
        assert quote["state"] == "ready"
        history = client.get(f"/api/history/{quote['symbol']}").json
        assert history is not None
        assert history["source"] == "sample"
        assert len(history["closes"]) == 100
        assert history["closes"][-1] == {"day": quote["day"], "price": quote["price"]}
    assert client.get("/readyz").json == {
        "status": "ready",
        "checks": {"feed": "ok", "first load": "ok", "prices": "sample"},
    }


def test_the_sample_says_where_it_has_no_prices() -> None:
    (quote,) = settled(web.create(Settings(watch_list=("XYZ",))).test_client())["quotes"]
    assert (quote["state"], quote["message"]) == ("failed", "The sample has no prices of XYZ.")


def test_an_empty_watch_list_says_so() -> None:
    client = web.create(Settings(watch_list=())).test_client()
    page = client.get("/").text
    assert "The watch list is empty" in page
    assert "<script" not in page
    assert settled(client)["quotes"] == []
    assert client.get("/readyz").status_code == 200


def test_prices_are_live_with_a_key(upstream: standin.StandIn) -> None:
    client = live(upstream)
    answer = settled(client)
    assert (answer["source"], answer["notice"]) == ("live", None)
    assert answer["quotes"][0]["price"] == 104
    assert answer["quotes"][0]["fetched_at"].endswith("+00:00")
    history = client.get("/api/history/MSFT").json
    assert history is not None
    assert [history["closes"][index]["day"] for index in (0, -1)] == ["2026-06-01", "2026-09-08"]
    assert upstream.symbols() == ["AAPL", "MSFT"], "the chart costs no request of its own"


def test_only_the_watch_list_can_be_asked_for(upstream: standin.StandIn) -> None:
    client = live(upstream)
    settled(client)
    answer = client.get("/api/history/EVIL")
    assert answer.status_code == 404
    assert answer.json == {"error": "This symbol is not on the watch list."}
    assert "EVIL" not in upstream.symbols()


def test_a_silent_upstream_holds_nothing_up(upstream: standin.StandIn) -> None:
    upstream.behaviour["AAPL"] = "slow"
    client = live(upstream)
    for path in ("/", "/api/quotes", "/api/history/AAPL", "/healthz"):
        began = time.monotonic()
        assert client.get(path).status_code == 200
        assert time.monotonic() - began < 5
    quotes = client.get("/api/quotes").json
    assert quotes is not None
    assert [quote["state"] for quote in quotes["quotes"]] == ["loading", "loading"]
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json == {
        "status": "not ready",
        "checks": {"feed": "ok", "first load": "pending", "prices": "loading"},
    }
    upstream.released.set()
    assert settled(client)["notice"] is None
    assert client.get("/readyz").json["checks"]["prices"] == "live"  # type: ignore[index]


@pytest.mark.parametrize(
    ("behaviour", "kind", "message"),
    [
        ("limited", "rate limited", "no more requests"),
        ("limited_today", "rate limited", "no more requests"),
        ("broken", "upstream error", "HTTP status 500"),
        ("garbage", "upstream error", "not JSON"),
        ("wrong_key", "upstream error", "refuses the key"),
    ],
)
def test_what_is_wrong_upstream_is_said_and_the_page_stays(
    upstream: standin.StandIn, caplog: pytest.LogCaptureFixture, behaviour: str, kind: str, message: str
) -> None:
    upstream.behaviour["MSFT"] = behaviour
    with caplog.at_level(logging.DEBUG):
        client = live(upstream)
        answer = settled(client)
    assert [quote["state"] for quote in answer["quotes"]] == ["ready", "failed"]
    assert answer["notice"]["kind"] == kind
    assert message in answer["notice"]["message"]
    history = client.get("/api/history/MSFT")
    assert history.status_code == 200
    assert client.get("/").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["checks"]["prices"]) == (200, kind)  # type: ignore[index]
    for text in (str(answer), history.text, ready.text):
        assert KEY not in text
        assert "Traceback" not in text


def test_an_unknown_symbol_is_no_outage(upstream: standin.StandIn) -> None:
    upstream.behaviour["MSFT"] = "unknown"
    answer = settled(live(upstream))
    assert answer["notice"] is None
    assert "MSFT" in answer["quotes"][1]["message"]


def test_requests_are_logged_without_their_query(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/nope?token=TOP-SECRET", headers={"X-Amzn-Trace-Id": "Root=1-67-abc"})
        client.get("/", headers={"User-Agent": "ELB-HealthChecker/2.0"})
        client.get("/healthz")
    (line,) = [record.__dict__["fields"] for record in caplog.records if record.name == "stock_dashboard.request"]
    assert line.pop("milliseconds") >= 0
    assert line == {"method": "GET", "path": "/nope", "status": 404, "trace": "Root=1-67-abc"}
