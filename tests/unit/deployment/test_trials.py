"""Stacks that are tried side by side: each applied once in an account of its own, and ended together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stackproof.deployment import Trial, Trials
from stackproof.deployment import trials as trials_module
from stackproof.errors import SettingsError, StackproofError, TerraformError
from stackproof.sandbox.proxy.recording import Recording
from stackproof.settings import Environment, Settings
from tests.unit.deployment.conftest import HANGS_SECONDS, Home

if TYPE_CHECKING:
    from tests.unit.conftest import Traces

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

ENVIRONMENTS = {name: Environment(name, variables={"size": name}) for name in ("dev", "prod")}


def settings(home: Home, environments: Mapping[str, Environment] = ENVIRONMENTS) -> Settings:
    stack = home.stack("kept", **environments)
    return Settings(home.folder / "pyproject.toml", {"kept": stack}, timeout=HANGS_SECONDS, cache=home.cache)


class Told:
    """What trials told, and whom they asked before an apply."""

    def __init__(self) -> None:
        self.asked: list[Trial] = []
        self.lines: list[str] = []
        self.came = threading.Event()

    def tell(self, line: str) -> None:
        self.lines.append(line)
        self.came.set()


def trials_of(settings: Settings, told: Told) -> Trials:
    return Trials(settings, account=None, before_apply=told.asked.append, tell=told.tell)


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


@pytest.fixture(scope="module")
def shared(home: Home, told: Told) -> Iterator[Trials]:
    """Trials of two environments, both applied."""
    trials = trials_of(settings(home), told)
    for name in ENVIRONMENTS:
        trials.start(*trials.meant("kept", name))
    for name in ENVIRONMENTS:
        trials.trial(*trials.meant("kept", name))
    yield trials
    trials.close()


def test_each_environment_is_applied_once_in_an_account_of_its_own(shared: Trials, told: Told) -> None:
    first, other = (shared.trial(*shared.meant("kept", name)) for name in ENVIRONMENTS)
    assert shared.trial(*shared.meant("kept", "dev")) is first
    assert first.account is not other.account
    assert [trial.deployment.outputs["size"] for trial in (first, other)] == ["dev", "prod"]
    assert [len(trial.deployment.runs) for trial in (first, other)] == [1, 1]
    assert {trial.environment.name for trial in told.asked} == {"dev", "prod"}
    assert len(told.asked) == 2


def test_what_the_shared_ones_came_to_is_reported(shared: Trials) -> None:
    assert [(one.stack, one.environment, one.resources) for one in shared.reports] == [
        ("kept", "dev", 1),
        ("kept", "prod", 1),
    ]


def test_what_was_asked_of_accounts_can_be_written_down(shared: Trials, tmp_path: Path) -> None:
    shared.record(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"kept-dev.jsonl", "kept-prod.jsonl"}
    assert Recording.load(tmp_path / "kept-dev.jsonl").counts["s3:PutObject"] > 0
    assert {report.recording for report in shared.reports} == set(tmp_path.iterdir())


def test_another_trial_is_nobodys_and_not_applied_yet(shared: Trials) -> None:
    trial = shared.new(*shared.meant("kept", "dev"), name="other")
    shared_one = shared.trial(*shared.meant("kept", "dev"))
    assert trial.account is not shared_one.account
    assert trial.run.id != shared_one.run.id
    assert not trial.is_alive
    assert trial.deployment.runs == []
    assert len(shared.reports) == 2


@pytest.mark.parametrize(
    ("stack", "environment", "says"),
    [
        ("other", "dev", r"other.*kept"),
        ("kept", "test", r"test.*dev, prod"),
        (None, "dev", r"--plan-json: a plan cannot be applied\. Leave it out"),
    ],
)
def test_what_there_is_not_cannot_be_tried(shared: Trials, stack: str | None, environment: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        shared.meant(stack, environment)


@pytest.fixture
def opened() -> Iterator[Callable[[Settings, Told], Trials]]:
    """Make trials that are closed in the end."""
    with ExitStack() as ended:

        def make(settings: Settings, told: Told) -> Trials:
            trials = trials_of(settings, told)
            ended.callback(trials.close)
            return trials

        yield make


def test_whoever_waits_is_told_what_for(
    home: Home, opened: Callable[[Settings, Told], Trials], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(trials_module, "TELL_SECONDS", 0.05)
    told, held = Told(), tmp_path / "held"
    trials = opened(settings(home, {"dev": Environment("dev", variables={"holds_until": str(held)})}), told)

    def let_go() -> None:
        deadline = time.monotonic() + HANGS_SECONDS
        while not any("terraform_data.held[0]" in line for line in told.lines) and time.monotonic() < deadline:
            told.came.wait(1)
            told.came.clear()
        held.touch()

    watching = threading.Thread(target=let_go)
    watching.start()
    trials.trial(*trials.meant("kept", "dev"))
    watching.join()
    assert told.lines[0] == "dev: starting"
    assert any(line.startswith("dev: apply 1 of 2, waiting for terraform_data.held[0] (") for line in told.lines)


def test_an_apply_that_fails_is_told_to_each_who_wants_it_and_is_recorded(
    home: Home, opened: Callable[[Settings, Told], Trials], tmp_path: Path
) -> None:
    trials = opened(settings(home, {"dev": Environment("dev", variables={"size": ["no", "text"]})}), Told())
    for _ in range(2):
        with pytest.raises(TerraformError, match="Invalid value for input variable"):
            trials.trial(*trials.meant("kept", "dev"))
    assert trials.reports == ()
    trials.record(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["kept-dev.jsonl"]


def test_what_is_done_beside_all_else_is_waited_for_by_name(
    home: Home, opened: Callable[[Settings, Told], Trials], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials_module, "TELL_SECONDS", 0.05)
    told = Told()
    trials = opened(settings(home), told)

    def work(number: int) -> int:
        assert told.came.wait(HANGS_SECONDS)
        return 84 // number

    assert trials.awaited("half", trials.submit(work, 2)) == 42
    assert told.lines[0] == "half: starting"
    with pytest.raises(ZeroDivisionError):
        trials.awaited("none", trials.submit(work, 0))


def test_a_timeout_of_the_work_itself_is_its_error(home: Home, opened: Callable[[Settings, Told], Trials]) -> None:
    def work() -> None:
        raise TimeoutError("of its own")

    trials = opened(settings(home), Told())
    with pytest.raises(TimeoutError, match="of its own"):
        trials.awaited("work", trials.submit(work))


def test_nothing_is_left_of_what_still_runs(home: Home, traces: Traces, tmp_path: Path) -> None:
    held = tmp_path / "held"
    trials = trials_of(settings(home, {"dev": Environment("dev", variables={"holds_until": str(held)})}), Told())
    trials.start(*trials.meant("kept", "dev"))
    deadline = time.monotonic() + HANGS_SECONDS
    while not held.with_name("held.begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert traces.processes()
    began = time.monotonic()
    trials.close()
    assert time.monotonic() - began < HANGS_SECONDS / 2  # what is held is held for ever
    assert traces.left() == []
    with pytest.raises(StackproofError):
        trials.trial(*trials.meant("kept", "dev"))


def test_ending_what_was_never_begun_is_quiet(home: Home) -> None:
    told = Told()
    trials_of(settings(home), told).close()
    assert told.lines == []
