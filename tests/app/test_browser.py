"""The page in headless Chromium: what a visitor sees and can do, in each state that the prices can be in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.app import running, standin

pytest.importorskip("playwright")
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1200, "height": 800}

SYMBOLS = "AAPL,MSFT,TSCO.LON"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        pytest.skip("no Chromium on PATH (Debian: chromium)")
    with sync_playwright() as playwright:
        # Chromium refuses to sandbox itself for root; it sees nothing here but the dashboard's own page.
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[running.Dashboard]:
    with running.serving(tmp_path_factory.mktemp("sample"), {"APP_VERSION": "1.2.3"}) as dashboard:
        yield dashboard


@pytest.fixture
def upstream() -> Iterator[standin.StandIn]:
    with standin.serving() as serving:
        yield serving


@contextmanager
def live(upstream: standin.StandIn, folder: Path, **more: str) -> Iterator[running.Dashboard]:
    """A dashboard with a key."""
    environment = {
        "ALPHA_VANTAGE_API_KEY": standin.KEY,
        "ALPHA_VANTAGE_URL": upstream.url,
        "UPSTREAM_PAUSE_SECONDS": "0",
        "WATCH_LIST": SYMBOLS,
        **more,
    }
    with running.serving(folder, environment) as dashboard:
        yield dashboard


@contextmanager
def visit(
    browser: Browser, url: str, *, size: dict[str, int] = DESKTOP, scheme: str = "light", quiet: bool = True
) -> Iterator[Page]:
    """The page; at the end, that it said nothing on the console and asked nobody else for anything."""
    context = browser.new_context(viewport=size, color_scheme=scheme, locale="en-GB", timezone_id="UTC")  # type: ignore[arg-type]
    page = context.new_page()
    origin = "/".join(url.split("/")[:3])
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    try:
        page.goto(url)
        yield page
    finally:
        context.close()
    assert not quiet or said == []
    assert [other for other in asked if not other.startswith(origin)] == []


def row(page: Page, symbol: str) -> str:
    """A line of the watch list, as it reads."""
    return " ".join(page.locator(f"[data-symbol='{symbol}']").inner_text().split())


def test_the_sample_is_drawn_and_marked(chromium: Browser, sample: running.Dashboard) -> None:
    with visit(chromium, sample.url) as page:
        expect(page).to_have_title("Stock dashboard")
        expect(page.locator("#notice")).to_contain_text("sample data: invented prices")
        expect(page.locator("#updated")).to_have_text("Sample data")
        expect(page.locator("#plot .price-line")).to_be_visible()
        line = page.locator("#plot .price-line").get_attribute("d")
        assert line is not None
        assert line.count("L") == 62, "63 days are shown at first"
        assert row(page, "AAPL") == "AAPL 304.80 +1.07 % ▲"
        assert row(page, "AMZN") == "AMZN 227.07 -1.73 % ▼"
        expect(page.locator("#price")).to_have_text("304.80")
        expect(page.locator("footer")).to_contain_text("Version 1.2.3")


def test_a_symbol_is_chosen_and_stays_chosen(chromium: Browser, sample: running.Dashboard) -> None:
    with visit(chromium, sample.url) as page:
        page.get_by_role("button", name="NVDA").click()
        expect(page.get_by_role("heading", name="NVDA")).to_be_visible()
        expect(page.locator("#price")).to_have_text("168.81")
        expect(page.locator("[aria-current=true]")).to_contain_text("NVDA")
        page.reload()
        expect(page.locator("#price")).to_have_text("168.81")


def test_ranges_show_more_and_less(chromium: Browser, sample: running.Dashboard) -> None:
    with visit(chromium, sample.url) as page:
        for name, days in (("1 month", 21), ("All", 100), ("3 months", 63)):
            button = page.get_by_role("button", name=name)
            button.click()
            expect(button).to_have_attribute("aria-pressed", "true")
            expect(page.locator("#ranges [aria-pressed=true]")).to_have_count(1)
            expect(page.locator("#plot")).to_have_attribute("aria-valuemax", str(days - 1))


def test_everything_can_be_done_by_keyboard(chromium: Browser, sample: running.Dashboard) -> None:
    with visit(chromium, sample.url) as page:
        expect(page.locator("#plot")).to_have_attribute("role", "slider")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the chart")).to_be_focused()
        page.keyboard.press("Enter")
        for _ in range(4):
            page.keyboard.press("Tab")
        plot = page.get_by_role("slider", name="AAPL, closing prices by day")
        expect(plot).to_be_focused()
        page.keyboard.press("ArrowLeft")
        expect(plot).to_have_attribute("aria-valuetext", "20 October 2026: 301.57")
        expect(page.locator("#point")).to_have_text("20 October 2026: 301.57")
        page.keyboard.press("End")
        expect(page.locator("#point")).to_have_text("21 October 2026: 304.80")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#closes tr")).to_have_count(100)
        expect(page.locator("#closes tr").first).to_have_text("21 October 2026304.80")


def test_the_pointer_tells_the_day_below_it(chromium: Browser, sample: running.Dashboard) -> None:
    with visit(chromium, sample.url) as page:
        expect(page.locator("#plot .price-line")).to_be_visible()
        page.locator("#plot").hover(position={"x": 60, "y": 100})
        expect(page.locator("#point")).to_contain_text("July 2026")
        page.mouse.move(0, 0)
        expect(page.locator("#point")).to_have_text("")


def test_prices_come_in_as_they_are_loaded(chromium: Browser, upstream: standin.StandIn, tmp_path: Path) -> None:
    upstream.behaviour["AAPL"] = "slow"
    with live(upstream, tmp_path) as dashboard, visit(chromium, dashboard.url) as page:
        expect(page.locator("#plot")).to_have_text("Loading prices")
        expect(page.locator("#state")).to_have_text("Loading prices")
        assert row(page, "MSFT") == "MSFT Loading"
        upstream.released.set()
        expect(page.locator("#plot .price-line")).to_be_visible()
        expect(page.locator("#state")).to_have_text("Prices of AAPL are shown")
        expect(page.locator("#updated")).to_contain_text("Updated at")
        expect(page.locator("#notice")).to_be_hidden()
        page.get_by_role("button", name="TSCO.LON").click()
        expect(page.get_by_role("heading", name="TSCO.LON")).to_be_visible()


@pytest.mark.parametrize(
    ("behaviour", "kind", "message"),
    [
        ("limited_today", "rate limited", "Alpha Vantage answers no more requests with this key for now."),
        ("broken", "upstream error", "Alpha Vantage answered with HTTP status 500."),
    ],
)
def test_what_is_wrong_is_said(
    chromium: Browser, upstream: standin.StandIn, tmp_path: Path, behaviour: str, kind: str, message: str
) -> None:
    upstream.behaviour["TSCO.LON"] = behaviour
    with live(upstream, tmp_path) as dashboard, visit(chromium, dashboard.url) as page:
        notice = page.get_by_role("status").filter(has_text="It will be asked again.")
        expect(notice).to_contain_text(message)
        expect(notice).to_have_attribute("data-kind", kind)
        assert row(page, "TSCO.LON") == "TSCO.LON No price"
        expect(page.locator("#plot .price-line")).to_be_visible()
        page.get_by_role("button", name="TSCO.LON").click()
        expect(page.locator("#plot")).to_have_text(message)
        expect(page.locator("#table")).to_be_hidden()
        # From a sentence back to a chart
        page.get_by_role("button", name="AAPL").click()
        expect(page.locator("#plot .price-line")).to_be_visible()


def test_a_server_that_has_gone_is_said_and_found_again(chromium: Browser, sample: running.Dashboard) -> None:
    with visit(chromium, sample.url, quiet=False) as page:
        expect(page.locator("#plot .price-line")).to_be_visible()
        page.route("**/api/**", lambda route: route.abort())
        page.get_by_role("button", name="MSFT").click()
        expect(page.locator("#notice")).to_contain_text("server does not answer")
        page.unroute("**/api/**")
        page.get_by_role("button", name="GOOGL").click()
        expect(page.locator("#notice")).to_contain_text("sample data")
        expect(page.locator("#price")).to_have_text("225.58")


def test_a_symbol_of_one_day_is_a_dot(chromium: Browser, upstream: standin.StandIn, tmp_path: Path) -> None:
    upstream.body["NEW"] = '{"Time Series (Daily)": {"2026-11-20": {"4. close": "5"}}}'
    with live(upstream, tmp_path, WATCH_LIST="NEW") as dashboard, visit(chromium, dashboard.url) as page:
        expect(page.locator("#plot .dot")).to_be_visible()
        assert row(page, "NEW") == "NEW 5.00"


def test_an_empty_watch_list_is_said(chromium: Browser, tmp_path: Path) -> None:
    with running.serving(tmp_path, {"WATCH_LIST": ""}) as dashboard, visit(chromium, dashboard.url) as page:
        expect(page.get_by_role("heading", name="The watch list is empty")).to_be_visible()
        assert violations(page) == []


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2, level AA, and its own best practices, contrast included."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "dark"), (DESKTOP, "light")], ids=["phone, dark", "desktop, light"]
)
def test_it_is_accessible_and_fits(
    chromium: Browser, sample: running.Dashboard, size: dict[str, int], scheme: str
) -> None:
    with visit(chromium, sample.url, size=size, scheme=scheme) as page:
        expect(page.locator("#plot .price-line")).to_be_visible()
        page.locator("summary").click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
        for button in page.get_by_role("button").all():
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 44, "a finger needs that much"


def test_the_page_of_an_error_is_accessible(chromium: Browser, sample: running.Dashboard) -> None:
    with visit(chromium, sample.url + "/nope", quiet=False) as page:
        expect(page.get_by_role("heading", name="Not Found")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("link", name="To the dashboard").click()
        expect(page).to_have_title("Stock dashboard")
