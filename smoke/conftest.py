"""Options of the smoke tests, and the site that they ask."""

from __future__ import annotations

import importlib.util
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

from smoke.problem import Problem

if TYPE_CHECKING:
    from smoke.latency import Latency
    from smoke.service import Service
    from smoke.settings import Settings
    from smoke.site import Site
    from smoke.waiting import Deadline

SETTINGS: pytest.StashKey[Settings] = pytest.StashKey()
LATENCY: pytest.StashKey[Latency] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("smoke", "deployed application")
    group.addoption("--alb-url", metavar="URL", help="where the application is to be reached; else Terraform's output")
    group.addoption("--expect-version", metavar="V", help="the version, or the commit, that has to run")
    group.addoption("--cluster", metavar="C", help="ask AWS too: the ECS cluster of the service")
    group.addoption("--service", metavar="S", help="ask AWS too: the ECS service")
    group.addoption("--budget", metavar="N", type=float, default=2.0, help="seconds that one answer may take (2)")
    group.addoption("--p95", metavar="N", type=float, default=1.0, help="seconds that 95 %% of answers may take (1)")
    group.addoption("--requests", metavar="N", type=int, default=20, help="requests to measure latency by (20)")
    try:
        group.addoption(
            "--timeout",
            metavar="N",
            type=float,
            default=120.0,
            help="seconds to wait, in all, for a deployment to settle (120)",
        )
    except ValueError:
        raise pytest.UsageError("pytest-timeout has another --timeout: switch it off by `-p no:timeout`") from None


def pytest_configure(config: pytest.Config) -> None:
    """Find out what to test before anything is collected, so that what is missing is said in one line."""
    if config.option.help or not hasattr(config.option, "alb_url"):
        return
    missing = [name for name in ("requests",) if importlib.util.find_spec(name) is None]
    if config.option.cluster and importlib.util.find_spec("boto3") is None:
        missing.append("boto3")
    if missing:
        raise pytest.UsageError(f"{' and '.join(missing)} missing here: pip install {' '.join(missing)}")
    if bool(config.option.cluster) != bool(config.option.service):
        raise pytest.UsageError("--cluster and --service belong together: give both, or none")
    for name in ("timeout", "budget", "p95", "requests"):
        if not 0 < getattr(config.option, name) < float("inf"):
            raise pytest.UsageError(f"--{name} has to be above zero")
    if not config.option.collectonly:
        config.stash[SETTINGS] = _settings(config.option)


def _settings(option: object) -> Settings:
    from dataclasses import fields

    from smoke.settings import Settings, find_address

    try:
        url, source = find_address(getattr(option, "alb_url", None))
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    told = {each.name: getattr(option, each.name) for each in fields(Settings) if hasattr(option, each.name)}
    return Settings(**told | {"url": url, "source": source})


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say what is tested."""
    settings = config.stash.get(SETTINGS, None)
    if settings is None:
        return None
    return f"smoke: {settings.url} ({settings.source}), waiting up to {settings.timeout:g} s for it to settle"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the latency, whatever came of it."""
    if latency := config.stash.get(LATENCY, None):
        terminalreporter.write_line(f"latency: {latency}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Show a problem as its sentence, without the code that found it."""
    try:
        return (yield)
    except Problem as problem:
        sentence = str(problem)
    pytest.fail(sentence, pytrace=False)


class Settlement:
    """The site as it was when it first answered, or the problem that it did not."""

    def __init__(self, site: Site, deadline: Deadline) -> None:
        self._problem: Problem | None = None
        self._told = False
        self.site = site
        try:
            deadline.until(lambda: site.enter())
        except Problem as problem:
            self._problem = problem

    def require(self) -> Site:
        """The site, where it answered; else the problem, once: whatever else is asked of it is skipped."""
        if self._problem is None:
            return self.site
        if self._told:
            pytest.skip("the site does not answer")
        self._told = True
        pytest.fail(str(self._problem), pytrace=False)


@pytest.fixture(scope="session")
def settings(request: pytest.FixtureRequest) -> Settings:
    """What this run was told."""
    settings = request.config.stash.get(SETTINGS, None)
    if settings is None:
        pytest.skip("smoke tests have options of their own: run `pytest smoke`")
    return settings


@pytest.fixture(scope="session")
def deadline(settings: Settings) -> Deadline:
    """The end of all waiting."""
    from smoke.waiting import Deadline

    return Deadline(settings.timeout)


@pytest.fixture(scope="session")
def settlement(settings: Settings, deadline: Deadline) -> Iterator[Settlement]:
    """The outcome of waiting for the site."""
    from smoke.site import Site

    with Site(settings.url, budget=settings.budget) as site:
        yield Settlement(site, deadline)


@pytest.fixture
def site(settlement: Settlement) -> Site:
    """The site, which has answered 200."""
    return settlement.require()


@pytest.fixture(scope="session")
def service(settings: Settings) -> Service:
    """The ECS service, where the run was told of it."""
    if settings.cluster is None or settings.service is None:
        pytest.skip("AWS is asked with --cluster and --service")
    from smoke.service import Service

    return Service(settings.cluster, settings.service)
