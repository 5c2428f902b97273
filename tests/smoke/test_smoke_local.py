"""The real application behind a real reverse proxy, and what users meet where either is not as it should be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smoke.local import Front, application, free_port, reverse_proxy

if TYPE_CHECKING:
    from tests.smoke.conftest import Smoke

VERSION = "2.0.0"
QUICK = ("--timeout", "1", "--requests", "5")
PATIENT = ("--timeout", "30", "--requests", "5")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("front")
    port = free_port()
    runs = {"APP_VERSION": VERSION, "APP_COMMIT": "c0ffee0123456789"}
    with application(port, folder / "application.log", runs), reverse_proxy(port, folder) as front:
        yield front


def test_the_dashboard_passes(served: Front, smoke: Smoke) -> None:
    outcome = smoke("--alb-url", served.http, *PATIENT, "--expect-version", VERSION, env=served.environment())
    assert outcome.code == 0, outcome.said
    # only AWS was not asked: with the plain address the redirect and what TLS brings were looked at too
    assert re.search(r"\b3 skipped\b", outcome.said)


def test_the_secure_address_will_do(served: Front, smoke: Smoke) -> None:
    outcome = smoke("--alb-url", served.https, *PATIENT, "-rs", env=served.environment())
    assert outcome.code == 0, outcome.said
    assert "TLS is on a port of its own" in outcome.said


def test_another_version_is_named(served: Front, smoke: Smoke) -> None:
    options = ("--alb-url", served.https, "--expect-version", "2.0.1", "-k", "expected_version")
    outcome = smoke(*QUICK, *options, env=served.environment())
    assert outcome.code == 1
    wanted = f"{served.https} runs version 2.0.0 (commit c0ffee0123456789) and not 2.0.1 for "
    assert outcome.problems[0].startswith(wanted)
    outcome.require_plain_words()


def test_a_certificate_of_an_unknown_authority_ends_the_wait_at_once(served: Front, smoke: Smoke) -> None:
    outcome = smoke("--alb-url", served.https, "--timeout", "60")
    certificate = "has a certificate that cannot be trusted: unable to get local issuer certificate"
    assert outcome.problems == [f"{served.https} {certificate}"]
    outcome.require_plain_words()
    assert outcome.seconds < 60


def test_a_certificate_for_another_name_is_named(served: Front, smoke: Smoke) -> None:
    address = served.https.replace("localhost", "127.0.0.1")
    outcome = smoke("--alb-url", address, *QUICK, env=served.environment())
    assert outcome.problems[0].startswith(f"{address} ")
    assert "certificate" in outcome.problems[0] or "TLS" in outcome.problems[0]
    outcome.require_plain_words()


def test_tls_asked_of_a_plain_port_is_named(served: Front, smoke: Smoke) -> None:
    address = served.http.replace("http:", "https:")
    outcome = smoke("--alb-url", address, *QUICK, env=served.environment())
    assert outcome.problems[0].startswith(f"{address} does not speak TLS")
    outcome.require_plain_words()


def test_a_proxy_without_an_application_is_named(tmp_path: Path, smoke: Smoke) -> None:
    with reverse_proxy(free_port(), tmp_path) as front:
        outcome = smoke("--alb-url", front.http, "--timeout", "3", env=front.environment())
    assert re.search(r"^https://localhost:\d+/ .*answered 50[23]\b", outcome.problems[0])
    assert len(outcome.problems) == 1
    outcome.require_plain_words()


def test_nobody_there_is_named(smoke: Smoke) -> None:
    address = f"http://127.0.0.1:{free_port()}/"
    outcome = smoke("--alb-url", address, *QUICK)
    assert re.fullmatch(rf"{address} refused the connection for \d s", outcome.problems[0])
    outcome.require_plain_words()


def test_a_name_that_is_none_is_named(smoke: Smoke) -> None:
    outcome = smoke("--alb-url", "https://no-such-name.invalid", *QUICK)
    sentence = r"https://no-such-name\.invalid/ cannot be reached: the name no-such-name\.invalid cannot be resolved"
    assert re.match(sentence, outcome.problems[0])
    outcome.require_plain_words()
