"""Where the smoke tests get their address from, and what they say where they cannot start."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smoke.latency import Latency
from smoke.problem import Problem
from smoke.settings import find_address
from smoke.site import Site, address

if TYPE_CHECKING:
    from tests.smoke.conftest import Smoke


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ("http://alb.example.com", "http://alb.example.com/"),
        ("https://alb.example.com:8443/", "https://alb.example.com:8443/"),
        ("http://[::1]:8080", "http://[::1]:8080/"),
    ],
)
def test_addresses_are_taken(given: str, means: str) -> None:
    assert address(given) == means


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("alb.example.com", "'alb.example.com' is not an address: give http://alb.example.com"),
        ("ftp://alb.example.com", "'ftp://alb.example.com' is not an address: give http://NAME or https://NAME"),
        ("http://", "'http://' is not an address"),
        ("", "'' is not an address: give http://NAME or https://NAME"),
        ("http://alb.example.com:port", "is not an address"),
        ("http://alb.example.com/page", "is more than the site's address: give http://alb.example.com"),
        ("http://me:secret@alb.example.com", "the address holds a user name, which would be printed"),
    ],
)
def test_what_is_no_address_is_refused(given: str, why: str) -> None:
    with pytest.raises(ValueError, match="address") as caught:
        address(given)
    assert why in str(caught.value)
    assert "secret" not in str(caught.value)


def terraform(folder: Path, script: str) -> None:
    """A terraform that prints what a test wants to see."""
    command = folder / "terraform"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)


def test_terraform_knows_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terraform(tmp_path, f'echo "$@" > {tmp_path}/asked; printf http://alb-1.example.com')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert find_address(None) == ("http://alb-1.example.com/", "Terraform's output url")
    assert (tmp_path / "asked").read_text().split()[1:] == ["output", "-no-color", "-raw", "url"]


def test_without_any_address_one_line_says_what_to_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, smoke: Smoke
) -> None:
    terraform(tmp_path, "printf '╷\\n│ Error: Output \"url\" not found\\n│\\n│ The output variable' >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    outcome = smoke()
    assert outcome.code == 4
    told = "no address to test: give --alb-url URL, or apply the stack first"
    assert outcome.said.strip() == f'ERROR: {told} (terraform output: Output "url" not found The output variable)'


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--alb-url", "alb.example.com"), "'alb.example.com' is not an address: give http://alb.example.com"),
        (("--alb-url", "http://a.example.com", "--cluster", "c"), "boto3 missing here: pip install boto3"),
        (("--alb-url", "http://a.example.com", "--service", "s"), "--cluster and --service belong together"),
        (("--alb-url", "http://a.example.com", "--requests", "0"), "--requests has to be above zero"),
        (("--alb-url", "http://a.example.com", "--timeout", "nan"), "--timeout has to be above zero"),
    ],
)
def test_options_that_cannot_be_used_are_refused_in_one_line(options: tuple[str, ...], why: str, smoke: Smoke) -> None:
    outcome = smoke(*options)
    assert outcome.code == 4
    lines = outcome.said.strip().splitlines()
    assert lines[-1].startswith(f"ERROR: {why}")
    assert len(lines) == 1


def test_collecting_and_help_need_no_address(smoke: Smoke) -> None:
    assert smoke("--collect-only", "-q").code == 0
    assert "--alb-url" in smoke("--help").said


def test_percentiles_are_of_measured_times() -> None:
    latency = Latency.of([0.001 * number for number in range(100, 0, -1)])
    assert [latency.percentile(each) for each in (50, 95, 99, 100)] == [0.05, 0.095, 0.099, 0.1]
    assert Latency.of([0.2]).percentile(50) == 0.2
    assert str(latency) == "100 requests, p50 50 ms, p95 95 ms, p99 99 ms, slowest 100 ms"


def test_a_resolver_that_hangs_is_not_a_slow_site(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object, **__: object) -> None:
        time.sleep(5)

    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with Site("http://alb.example.com/", budget=0.2) as site, pytest.raises(Problem, match="cannot be resolved"):
        site.get()
