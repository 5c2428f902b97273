"""Every stack is applied, planned and resolved once, some of them at a time, when the first test asks for one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from stackproof.plan.resolution.tokens import Tokens
from stackproof.plan.resolved import ResolvedStack
from stackproof.planner import CacheMode, Planner
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.settings import load_settings
from stackproof.terraform import providers

from .applying import Applied, apply
from .arguments import Argument
from .cases import CASES, Case, Figures
from .documents import Compared, Document, compare, read_stored
from .wirings import Checked, check

AT_ONCE = 4
"""Commands of Terraform side by side; most of an apply is waiting."""

FIGURES = pytest.StashKey[dict[str, str]]()


@dataclass(frozen=True)
class Planned:
    """The resolved view of a plan, and the tokens in it."""

    stack: ResolvedStack
    tokens: Tokens


@dataclass(frozen=True)
class Truth:
    """A stack as it was planned and as it was applied, the documents in its account, and what came of comparing."""

    case: Case
    planned: Planned
    applied: Applied
    checked: Checked
    stored: Mapping[Argument, Document]
    compared: Compared

    @property
    def figures(self) -> Figures:
        """How much was compared."""
        undecided = self.checked.undecided + len(self.compared.undecided)
        return Figures(len(self.checked.named), self.checked.feeds, len(self.compared.documents), undecided)


@pytest.fixture(scope="package")
def truths(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, tuple[Future[Applied], Future[Planned]]]]:
    """What is being made of the stacks that any of the chosen tests asks for."""
    if not providers.find_mirrors():
        pytest.skip("no filesystem mirror here: stackproof doctor")
    cache = tmp_path_factory.mktemp("cache")
    asked = {item.callspec.params.get("truth") for item in request.session.items if hasattr(item, "callspec")}
    chosen = {name: case for name, case in CASES.items() if name in asked}
    with ExitStack() as accounts, ThreadPoolExecutor(AT_ONCE, thread_name_prefix="truth") as pool:
        open_accounts = {name: accounts.enter_context(EmulatedAccount()) for name in chosen}
        applied = {name: pool.submit(_apply, case, open_accounts[name], cache) for name, case in chosen.items()}
        planned = {name: pool.submit(_plan, case, cache) for name, case in chosen.items()}
        yield {name: (applied[name], planned[name]) for name in chosen}


@pytest.fixture(scope="package", params=CASES)
def truth(request: pytest.FixtureRequest, truths: Mapping[str, tuple[Future[Applied], Future[Planned]]]) -> Truth:
    """One stack, compared."""
    made = truths[request.param]
    applied, planned = made[0].result(), made[1].result()
    checked = check(applied.state, applied.arguments, lambda address, path: planned.stack[address].wired(path))
    stored = read_stored(applied.state, applied.arguments, applied.client)
    compared = compare(applied.state, stored, planned.stack, planned.tokens)
    truth = Truth(CASES[request.param], planned, applied, checked, stored, compared)
    request.config.stash.setdefault(FIGURES, {})[request.param] = str(truth.figures)
    return truth


def _apply(case: Case, account: EmulatedAccount, cache: Path) -> Applied:
    stack = load_settings(case.settings).stack(case.stack)
    return apply(account, stack, stack.environment(case.environment), cache, case.first)


def _plan(case: Case, cache: Path) -> Planned:
    settings = replace(load_settings(case.settings), cache=cache)
    # made anew, since what is kept was resolved by whatever the code was then
    with Planner(settings, settings.stack(case.stack), cache=CacheMode.OFF) as planner:
        resolution = planner.resolution(case.environment)
        return Planned(planner.plan(case.environment).resolved, resolution.tokens)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was compared."""
    figures = terminalreporter.config.stash.get(FIGURES, {})
    if figures:
        terminalreporter.section("plans against applied states")
    for name, said in figures.items():
        terminalreporter.write_line(f"{name}: {said}")
