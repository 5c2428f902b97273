"""The process that serves: how it starts, answers, logs and ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.app import running, standin


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[running.Dashboard]:
    with running.serving(tmp_path_factory.mktemp("dashboard")) as serving:
        yield serving


def test_it_does_not_say_what_it_runs_on(dashboard: running.Dashboard) -> None:
    for path in ("/", "/nope", "/healthz"):
        answer = dashboard.get(path)
        assert answer.headers["server"] == "stock-dashboard"
        assert "x-powered-by" not in answer.headers
        assert "gunicorn" not in answer.text.lower()


def test_no_path_leads_to_another_host(dashboard: running.Dashboard) -> None:
    for path in ("//example.com/", "//example.com/healthz", "/healthz/", "/api/history/AAPL/"):
        answer = dashboard.get(path)
        assert (answer.status, answer.headers.get("location")) == (404, None)


def test_it_answers_many_at_once(dashboard: running.Dashboard) -> None:
    with ThreadPoolExecutor(16) as visitors:
        statuses = list(visitors.map(lambda _: dashboard.get("/").status, range(64)))
    assert set(statuses) == {200}


def health(port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stock_dashboard.health"],
        cwd=running.APP,
        env={**os.environ, "PORT": str(port)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_health_check_of_the_image_sees_it(dashboard: running.Dashboard) -> None:
    assert health(dashboard.port).returncode == 0


def test_the_health_check_of_the_image_sees_that_nobody_is_there() -> None:
    checked = health(running.free_port())
    assert (checked.returncode, checked.stderr) == (1, "no answer: ConnectionRefusedError\n")


def test_every_log_line_is_json_and_none_has_the_key(tmp_path: Path) -> None:
    with standin.serving() as upstream:
        upstream.behaviour |= {"AAPL": "limited_today"}
        environment = {"ALPHA_VANTAGE_API_KEY": standin.KEY, "ALPHA_VANTAGE_URL": upstream.url}
        with running.serving(tmp_path, environment) as dashboard:
            deadline = time.monotonic() + 20
            while dashboard.get("/readyz").status != 200:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            dashboard.get("/?apikey=" + standin.KEY)
            assert dashboard.stop() == 0
        messages = [line["message"] for line in dashboard.lines()]
    assert "rate limit" in messages
    assert "request" in messages
    assert standin.KEY not in dashboard.log.read_text()


def test_sigterm_ends_it_at_once_and_well(tmp_path: Path) -> None:
    with running.serving(tmp_path) as dashboard:
        began = time.monotonic()
        assert dashboard.stop() == 0
        assert time.monotonic() - began < 20


@pytest.mark.parametrize(("name", "value"), [("CACHE_SECONDS", "soon"), ("WATCH_LIST", "A B"), ("PORT", "0")])
def test_a_setting_that_cannot_be_ends_the_start_with_a_sentence(name: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stock_dashboard"],
        cwd=running.APP,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"stock-dashboard: {name}")
    assert done.stderr.count("\n") == 1
