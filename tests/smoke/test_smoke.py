"""Smoke tests pass on a good site, and say in a sentence what is wrong with any other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.smoke.standins import COMMIT, HEADERS, VERSION, Reply, Standin, standing

if TYPE_CHECKING:
    from tests.smoke.conftest import Outcome, Smoke

QUICK = ("--timeout", "1", "--requests", "5")
SOON = 40
"""Seconds in which a run with a timeout of one second has ended on a busy machine."""

SLOW = {"slow": ("--budget", "0.5"), "drip": ("--budget", "0.5")}
"""What is shorter than usual, so that the tests need not wait for it: elsewhere it would make them fail by chance."""

Break = Callable[[Standin], None]


@pytest.fixture
def site() -> Iterator[Standin]:
    with standing() as site:
        yield site


def reply(path: str, **changes: object) -> Break:
    """Change what one path answers."""

    def change(site: Standin) -> None:
        for name, value in changes.items():
            setattr(site.replies[path], name, value)

    return change


def without(path: str) -> Break:
    def change(site: Standin) -> None:
        del site.replies[path]

    return change


def headers(**changes: str) -> Break:
    """Change headers of every answer; one that becomes empty is left out."""

    def change(site: Standin) -> None:
        changed = site.headers | {name.replace("_", "-"): value for name, value in changes.items()}
        site.headers = {name: value for name, value in changed.items() if value}

    return change


def unknown(status: int) -> Break:
    def change(site: Standin) -> None:
        site.unknown = Reply(status, "<h1>Oh</h1>", "text/html")

    return change


def edited(old: str, new: str) -> Break:
    def change(site: Standin) -> None:
        page = site.replies["/"]
        assert old in page.body
        page.body = page.body.replace(old, new)

    return change


NOT_READY = json.dumps({"status": "not ready", "checks": {"cache": "no space"}})

BROKEN: dict[str, tuple[Break, str, str]] = {
    "500": (
        reply("/", status=500, body="Oh no"),
        "test_the_site_answers",
        r"^{url} answered 500 for 1 s \(last: Oh no\)$",
    ),
    "slow": (reply("/", delay=3), "test_the_site_answers", r"^{url} gave no whole answer within 0\.5 s( for \d s)?$"),
    "drip": (reply("/", drip=0.2), "test_the_site_answers", r"^{url} gave no whole answer within 0\.5 s( for \d s)?$"),
    "cut": (reply("/", cut=True), "test_the_site_answers", r"^{url} broke off in the middle of its answer for \d s$"),
    "redirect loop": (
        reply("/", status=302, headers={"Location": "/"}),
        "test_the_site_answers",
        r"^{url} redirects in a circle: {url} -> {url}$",
    ),
    "another site": (
        reply("/", status=302, headers={"Location": "http://localhost:1/"}),
        "test_the_site_answers",
        r"^{url} redirects to another site: http://localhost:1/$",
    ),
    "nowhere": (
        reply("/", status=302, headers={"Location": "ftp://127.0.0.1/"}),
        "test_the_site_answers",
        r"^{url} redirects to another site: ftp://127\.0\.0\.1/$",
    ),
    "empty page": (reply("/", body=" "), "test_the_page_is_complete", r"^{url} answered an empty page$"),
    "plain text": (
        reply("/", media_type="text/plain"),
        "test_the_page_is_complete",
        r"^{url} answered text/plain and not text/html$",
    ),
    "other title": (
        edited("Stock dashboard</title>", "Welcome to nginx!</title>"),
        "test_the_page_is_complete",
        r"^{url} has the title 'Welcome to nginx!' and not 'Stock dashboard'$",
    ),
    "half a page": (edited("</html>", ""), "test_the_page_is_complete", r"^{url} breaks off before its end$"),
    "no content": (
        edited("<h1>Watch list</h1>", ""),
        "test_the_page_is_complete",
        r"^{url} has no content in <main>$",
    ),
    "error text": (
        edited("Watch list", "Traceback (most recent call last): KeyError"),
        "test_the_page_shows_no_error",
        r"^{url} shows 'Traceback \(most recent call last\)'$",
    ),
    "template": (edited("Watch list", "{{ title }}"), "test_the_page_shows_no_error", r"^{url} shows '\{\{'$"),
    "versions differ": (
        edited(f'"{VERSION}"', '"1.3.9"'),
        "test_the_page_shows_what_runs",
        r"^{url} shows version '1\.3\.9', and /healthz says '1\.4\.0'$",
    ),
    "missing asset": (
        without("/static/app.1.css"),
        "test_everything_that_the_page_loads_is_there",
        r"^{url}static/app\.1\.css answered 404 ",
    ),
    "empty asset": (
        reply("/static/app.1.js", body=""),
        "test_everything_that_the_page_loads_is_there",
        r"^{url}static/app\.1\.js is empty$",
    ),
    "asset is a page": (
        reply("/static/app.1.js", media_type="text/html"),
        "test_everything_that_the_page_loads_is_there",
        r"^{url}static/app\.1\.js comes as text/html and not text/javascript$",
    ),
    "asset elsewhere": (
        edited("/static/app.1.js", "https://example.com/app.js"),
        "test_everything_that_the_page_loads_is_there",
        r"^{url} loads from another site: https://example\.com/app\.js$",
    ),
    "500 on an unknown path": (
        unknown(500),
        "test_what_is_not_there_is_not_found",
        r"^{url}smoke-\w+ answered 500 and not 404 \(last: <h1>Oh</h1>\)$",
    ),
    "200 on an unknown path": (
        unknown(200),
        "test_what_is_not_there_is_not_found",
        r"^{url}smoke-\w+ answered 200 and not 404 ",
    ),
    "not ready": (
        reply("/readyz", status=503, body=NOT_READY),
        "test_it_is_ready",
        r"^{url}readyz answered 503: not ready for \d s \(last: .*no space.*\)$",
    ),
    "health is a page": (
        reply("/healthz", body="<p>fine</p>"),
        "test_it_lives",
        r"^{url}healthz answered no JSON object \(last: <p>fine</p>\)$",
    ),
    "not ok": (
        reply("/healthz", body=json.dumps({"status": "bad", "version": VERSION, "commit": COMMIT})),
        "test_it_lives",
        r"^{url}healthz says 'bad' and not 'ok'$",
    ),
    "missing headers": (
        headers(X_Content_Type_Options=""),
        "test_answers_carry_security_headers",
        r"^{url} lacks X-Content-Type-Options: nosniff$",
    ),
    "may be framed": (
        headers(X_Frame_Options="ALLOWALL", Content_Security_Policy="default-src 'self'"),
        "test_answers_carry_security_headers",
        r"^{url} lacks X-Frame-Options or frame-ancestors$",
    ),
    "inline scripts": (
        headers(Content_Security_Policy="default-src 'self' 'unsafe-inline'; frame-ancestors 'none'"),
        "test_scripts_come_from_files_only",
        r"^{url} allows 'unsafe-inline' in its Content-Security-Policy$",
    ),
    "tells its software": (
        headers(X_Powered_By="PHP/5.2"),
        "test_answers_do_not_tell_the_software",
        r"^{url} tells its software: X-Powered-By: PHP/5\.2$",
    ),
}


@pytest.fixture(scope="module")
def broken(smoke: Smoke) -> Iterator[Callable[[str], tuple[str, Outcome]]]:
    """The address and the outcome of each broken site; all are run at once, for most of them wait."""

    def run(name: str) -> tuple[str, Outcome]:
        break_it, test, _ = BROKEN[name]
        only = () if test == "test_the_site_answers" else ("-k", test)
        with standing() as site:
            break_it(site)
            return site.url, smoke("--alb-url", site.url, *QUICK, *SLOW.get(name, ()), *only)

    with ThreadPoolExecutor(max_workers=4) as pool:
        runs: dict[str, Future[tuple[str, Outcome]]] = {}

        def outcome(name: str) -> tuple[str, Outcome]:
            if not runs:
                runs.update({each: pool.submit(run, each) for each in [name, *(BROKEN.keys() - {name})]})
            return runs[name].result()

        yield outcome
        for each in runs.values():
            each.cancel()


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_named(name: str, broken: Callable[[str], tuple[str, Outcome]]) -> None:
    _, test, message = BROKEN[name]
    url, outcome = broken(name)
    assert outcome.code == 1, outcome.said
    assert outcome.failed == {test}
    pattern = message.replace("{url}", re.escape(url))
    assert any(re.search(pattern, problem) for problem in outcome.problems), outcome.said
    outcome.require_plain_words()
    assert outcome.seconds < SOON


def test_a_good_site_passes(site: Standin, smoke: Smoke) -> None:
    outcome = smoke("--alb-url", site.url, *QUICK, "--expect-version", VERSION)
    assert outcome.code == 0, outcome.said
    assert re.search(r"^smoke: http://127\.0\.0\.1:\d+/ \(--alb-url\), waiting up to 1 s", outcome.said, re.MULTILINE)
    assert re.search(
        r"^latency: 5 requests, p50 \d+ ms, p95 \d+ ms, p99 \d+ ms, slowest \d+ ms$", outcome.said, re.MULTILINE
    )
    assert outcome.problems == []


def test_a_deployment_may_take_its_time(site: Standin, smoke: Smoke) -> None:
    site.answer_first("/", *[Reply(503, "starting")] * 3)
    site.answer_first("/healthz", Reply(body=json.dumps({"status": "ok", "version": "1.3.9", "commit": "f0"})))
    site.answer_first("/readyz", Reply(503, json.dumps({"status": "not ready", "checks": {}})))
    outcome = smoke("--alb-url", site.url, "--timeout", "9", "--requests", "2", "--expect-version", COMMIT[:12])
    assert outcome.code == 0, outcome.said


def test_another_version_is_named_as_long_as_any_task_runs_it(site: Standin, smoke: Smoke) -> None:
    old = Reply(body=json.dumps({"status": "ok", "version": "1.3.9", "commit": "f0f0f0f0"}))
    site.answer_first("/healthz", *[site.replies["/healthz"], old] * 200)
    outcome = smoke("--alb-url", site.url, *QUICK, "--expect-version", VERSION, "-k", "version")
    assert outcome.failed == {"test_the_expected_version_runs"}
    assert re.search(r"/ runs version 1\.3\.9 \(commit f0f0f0f0\) and not 1\.4\.0 for \d s$", outcome.problems[0])


def test_one_failed_request_of_many_is_a_failure(site: Standin, smoke: Smoke) -> None:
    site.answer_first("/", site.replies["/"], site.replies["/"], Reply(502, "Bad Gateway"))
    outcome = smoke("--alb-url", site.url, *QUICK, "-k", "answers_come_in_time or the_site_answers")
    assert outcome.problems == [f"{site.url} failed 1 of 5 requests: answered 502"]


def test_what_is_slower_than_the_limit_fails_with_its_percentile(site: Standin, smoke: Smoke) -> None:
    site.replies["/"].delay = 0.2
    outcome = smoke("--alb-url", site.url, *QUICK, "--p95", "0.1", "-k", "in_time")
    assert outcome.failed == {"test_answers_come_in_time"}
    assert re.search(r"/ answers too slowly: p95 is 0\.\d\d s, above 0\.1 s$", outcome.problems[0])


def test_a_site_that_does_not_answer_is_one_failure(site: Standin, smoke: Smoke) -> None:
    site.replies["/"].status = 503
    outcome = smoke("--alb-url", site.url, *QUICK)
    assert len(outcome.problems) == 1
    assert "1 failed" in outcome.said
    assert "passed" not in outcome.said.splitlines()[-1]


def test_a_site_that_does_not_answer_is_a_failure_of_whatever_is_asked_of_it(site: Standin, smoke: Smoke) -> None:
    site.replies["/"].status = 503
    outcome = smoke("--alb-url", site.url, *QUICK, "-k", "security_headers")
    assert outcome.code == 1
    assert outcome.problems[0].startswith(f"{site.url} answered 503 for ")


def test_headers_that_keep_tls_on_are_not_asked_of_a_site_without_it(site: Standin, smoke: Smoke) -> None:
    site.headers = {name: value for name, value in HEADERS.items() if name != "Strict-Transport-Security"}
    assert smoke("--alb-url", site.url, *QUICK, "-k", "security_headers").code == 0
