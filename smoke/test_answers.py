"""The site is there, in the version that was deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from smoke.problem import Problem, require

if TYPE_CHECKING:
    from smoke.conftest import Settlement
    from smoke.settings import Settings
    from smoke.site import Site
    from smoke.waiting import Deadline

TASKS_ASKED = 5
"""Requests that have to agree: while a deployment settles, old and new tasks answer by turns."""


def test_the_site_answers(settlement: Settlement) -> None:
    """It answers 200 within the budget, at the latest when a deployment should have settled."""
    settlement.require()


def test_the_expected_version_runs(site: Site, settings: Settings, deadline: Deadline) -> None:
    """Every task that answers runs the version, or the commit, that was asked for."""
    wanted = settings.expect_version
    if wanted is None:
        pytest.skip("--expect-version says which version has to run")

    def check() -> None:
        running = set[str]()
        for _ in range(TASKS_ASKED):
            health = site.get("/healthz").require_status(200).json()
            version, commit = str(health.get("version")), str(health.get("commit"))
            # a tag may shorten the commit, as git does to no less than seven digits
            if wanted != version and not (len(wanted) >= 7 and commit.startswith(wanted)):
                running.add(f"{version} (commit {commit})")
        require(not running, site.url, f"runs version {', '.join(sorted(running))} and not {wanted}")

    deadline.until(check)


def test_plain_http_leads_to_https(site: Site) -> None:
    """Where the site speaks TLS, its plain address redirects to it for good."""
    if not site.url.startswith("https://"):
        pytest.skip("the site has no TLS")
    secure = urlsplit(site.url)
    plain = next((url for url in site.entered_by if url.startswith("http://")), None)
    if plain is None and secure.port not in (None, 443):
        pytest.skip("TLS is on a port of its own: give the plain address as --alb-url, and it is followed")
    from smoke.site import Site

    with Site(plain or f"http://{secure.hostname}/", budget=site.budget) as other:
        answer = other.get(follow=False).require_status(301, 308)
    target = answer.headers.get("Location", "")
    if not target.startswith(f"https://{secure.hostname}"):
        raise Problem(answer.url, f"redirects to {target or 'nowhere'} and not to {site.url}")
