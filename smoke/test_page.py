"""The page is whole."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from smoke.page import Page, read
from smoke.problem import Problem, require

if TYPE_CHECKING:
    from smoke.site import Site

TITLE = "Stock dashboard"

ERRORS = (
    "Traceback (most recent call last)",
    "Internal Server Error",
    "Bad Gateway",
    "Gateway Time-out",
    "Service Temporarily Unavailable",
    "Application Error",
    "{{",
    "{%",
)
"""What pages hold that a framework, a load balancer or a template left behind."""

MEDIA_TYPES = {
    "css": ("text/css",),
    "js": ("text/javascript", "application/javascript"),
    "svg": ("image/svg+xml",),
}


@pytest.fixture
def page(site: Site) -> Page:
    """The page at the site's address."""
    answer = site.get()
    return read(answer.text, answer.url)


def test_the_page_is_complete(site: Site) -> None:
    """It is HTML with the application's title and content, to its end."""
    answer = site.get().require_status(200)
    require(answer.text.strip(), answer.url, "answered an empty page")
    require(
        answer.media_type == "text/html", answer.url, f"answered {answer.media_type or 'no type'} and not text/html"
    )
    page = read(answer.text, answer.url)
    require(page.title, answer.url, "has no title", detail=answer.excerpt)
    require(page.title == TITLE, answer.url, f"has the title {page.title!r} and not {TITLE!r}")
    require(page.complete, answer.url, "breaks off before its end")
    require("main" in page.elements and page.main, answer.url, "has no content in <main>")


def test_the_page_shows_no_error(site: Site, page: Page) -> None:
    """No text on it is that of an error."""
    found = [error for error in ERRORS if error.lower() in page.text.lower()]
    require(not found, site.url, f"shows {', '.join(map(repr, found))}")


def test_the_page_shows_what_runs(site: Site, page: Page) -> None:
    """Its version and commit are those that `/healthz` tells."""
    health = site.get("/healthz").require_status(200).json()
    for name in ("version", "commit"):
        shown = page.data.get(f"data-{name}")
        require(shown, site.url, f"does not show its {name}")
        require(shown == health.get(name), site.url, f"shows {name} {shown!r}, and /healthz says {health.get(name)!r}")


def test_everything_that_the_page_loads_is_there(site: Site, page: Page) -> None:
    """Style sheets, scripts and images come from the site itself, whole and as what they are."""
    require(page.assets, site.url, "loads no style sheet and no script")
    for url in page.assets:
        if urlsplit(url).netloc != urlsplit(site.url).netloc:
            raise Problem(site.url, f"loads from another site: {url}")
        answer = site.get(url).require_status(200)
        require(answer.body, url, "is empty")
        wanted = MEDIA_TYPES.get(urlsplit(url).path.rpartition(".")[2], (answer.media_type,))
        require(answer.media_type in wanted, url, f"comes as {answer.media_type or 'no type'} and not {wanted[0]}")


@pytest.mark.parametrize("path", ["/{}", "/{}/index.php", "/static/{}.css", "/api/{}"])
def test_what_is_not_there_is_not_found(site: Site, path: str) -> None:
    """An unknown path answers 404, without an error's text."""
    answer = site.get(path.format(f"smoke-{secrets.token_hex(4)}")).require_status(404)
    require("Traceback" not in answer.text, answer.url, "shows a traceback")
