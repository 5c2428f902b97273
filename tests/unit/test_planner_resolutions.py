"""Resolutions of plans: made once, together, kept like the plans, and nothing is left of those that end early."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stackproof.errors import StackproofError, TerraformError
from stackproof.plan import Plan
from stackproof.plan.wiring import Traced
from stackproof.planner import CacheMode, Planner
from stackproof.settings import Environment, Settings
from stackproof.terraform.locate import Cli

if TYPE_CHECKING:
    from tests.unit.conftest import Traces

HANGS_SECONDS = 60
SECRET = "correct-horse-battery-staple"

DEV = {"dev": Environment("dev")}
BOTH = {name: Environment(name, variables={"size": name}) for name in ("dev", "prod")}

Tiny = Callable[..., Settings]
Commands = Callable[[], list[str]]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def commands(log: Path) -> Commands:
    """The commands that Terraform was run for since this was last asked, but for those that say what it is."""

    def ask() -> list[str]:
        said = log.read_text(encoding="utf-8").split() if log.exists() else []
        log.unlink(missing_ok=True)
        return sorted(word for word in said if word in ("plan", "test"))

    return ask


@pytest.fixture
def tiny(
    stack_of: Callable[[str], Path],
    settings_for: Callable[..., Settings],
    script: Callable[[str, str], Path],
    any_cli: Cli,
    log: Path,
) -> Tiny:
    """The stack `tiny` with a Terraform that logs what it is run for; before that, these lines of shell run."""
    folder = stack_of("tiny")

    def make(lines: str = ":", environments: dict[str, Environment] = DEV) -> Settings:
        program = script("terraform", f'echo $1 >> {log}\n{lines}\nexec {" ".join(any_cli.argv)} "$@"')
        return settings_for(folder, environments, terraform=program)

    return make


def resolved(settings: Settings, cache: CacheMode = CacheMode.ON, shared_folder: Path | None = None) -> dict[str, Plan]:
    stack = settings.stack("tiny")
    with Planner(settings, stack, cache=cache, shared_folder=shared_folder) as planner:
        planner.start(stack.environments, resolve=True)
        plans = {name: planner.plan(name) for name in stack.environments}
        for plan in plans.values():
            assert plan.resolved.reason == ""
            assert isinstance(plan.resolved["terraform_data.this"]["id"], Traced)
        return plans


def entries(settings: Settings) -> list[Path]:
    assert settings.cache is not None
    return sorted((settings.cache / "plans").glob("*.resolved.plan"))


def test_a_resolution_is_made_once_and_then_taken_from_the_cache(tiny: Tiny, commands: Commands) -> None:
    first = resolved(tiny())["dev"]
    assert commands() == ["plan", "test"]
    again = resolved(tiny())["dev"]
    assert commands() == []
    assert again._resolution().as_data() == first._resolution().as_data()


def test_plans_are_resolved_together(tiny: Tiny, commands: Commands) -> None:
    plans = resolved(tiny(environments=BOTH))
    assert commands() == ["plan", "plan", "test"]
    ids = {str.__str__(plan.resolved["terraform_data.this"]["id"]) for plan in plans.values()}
    assert len(ids) == 2


def test_plans_that_nobody_asks_to_resolve_are_not_resolved(tiny: Tiny, commands: Commands) -> None:
    settings = tiny()
    with Planner(settings, settings.stack("tiny")) as planner:
        assert planner.plan("dev").environment == "dev"
    assert commands() == ["plan"]


def test_refresh_resolves_anew_and_keeps(tiny: Tiny, commands: Commands) -> None:
    resolved(tiny())
    commands()
    resolved(tiny(), CacheMode.REFRESH)
    assert commands() == ["plan", "test"]
    resolved(tiny())
    assert commands() == []


def test_off_keeps_nothing_and_reads_nothing(tiny: Tiny, commands: Commands) -> None:
    settings = tiny()
    resolved(settings, CacheMode.OFF)
    assert entries(settings) == []
    resolved(settings)
    commands()
    resolved(settings, CacheMode.OFF)
    assert commands() == ["plan", "test"]


def test_a_kept_plan_without_its_resolution_is_planned_again(tiny: Tiny, commands: Commands) -> None:
    settings = tiny(environments=BOTH)
    resolved(settings)
    gone, _ = entries(settings)
    gone.unlink()
    commands()
    resolved(settings)
    assert commands() == ["plan", "test"]
    assert len(entries(settings)) == 2


def test_a_damaged_resolution_is_made_again(tiny: Tiny, commands: Commands) -> None:
    settings = tiny()
    resolved(settings)
    (entry,) = entries(settings)
    entry.write_bytes(entry.read_bytes()[:-1])
    commands()
    resolved(settings)
    assert commands() == ["plan", "test"]


def test_a_kept_resolution_is_the_user_s_alone_and_holds_no_secret(tiny: Tiny) -> None:
    settings = tiny(environments={"dev": Environment("dev", variables={"password": SECRET})})
    plan = resolved(settings)["dev"]
    (entry,) = entries(settings)
    assert entry.stat().st_mode & 0o777 == 0o600
    assert SECRET.encode() not in entry.read_bytes()
    assert plan.resolved["terraform_data.this"].is_sensitive("input.password")


def test_a_changed_configuration_is_resolved_anew(tiny: Tiny, commands: Commands) -> None:
    settings = tiny()
    resolved(settings)
    commands()
    more = settings.stack("tiny").folder / "more.tf"
    more.write_text('output "id" {\n  value = terraform_data.this.id\n}\n', encoding="utf-8")
    plan = resolved(settings)["dev"]
    assert commands() == ["plan", "test"]
    assert plan.resolved.output("id") == plan.resolved["terraform_data.this"]["id"]


@pytest.mark.parametrize("cache", [CacheMode.ON, CacheMode.OFF])
def test_processes_side_by_side_resolve_once_between_them(
    tiny: Tiny, commands: Commands, tmp_path: Path, cache: CacheMode
) -> None:
    settings = tiny()
    found: list[str] = []

    def run() -> None:
        plan = resolved(settings, cache, tmp_path / "shared")["dev"]
        found.append(json.dumps(plan._resolution().as_data(), sort_keys=True))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANGS_SECONDS)
    assert len(found) == 3
    assert len(set(found)) == 1
    assert commands() == ["plan", "test"]


def test_a_reason_that_would_be_the_same_again_is_kept(tiny: Tiny, commands: Commands) -> None:
    settings = tiny()
    (settings.stack("tiny").folder / "more.tf").write_text(
        'output "number" {\n  value = tonumber(terraform_data.this.id)\n}\n', encoding="utf-8"
    )
    reasons = []
    for _ in range(2):
        with Planner(settings, settings.stack("tiny")) as planner:
            reasons.append(planner.plan("dev").resolved.reason)
    assert reasons[0].startswith("Terraform cannot evaluate it with tokens: Invalid function argument: ")
    assert reasons[1] == reasons[0]
    assert commands() == ["plan", "test"]


def test_a_reason_that_may_be_gone_the_next_time_is_not_kept(tiny: Tiny, commands: Commands) -> None:
    settings = tiny('if [ "$1" = test ]; then exit 1; fi')
    with Planner(settings, settings.stack("tiny")) as planner:
        assert planner.plan("dev").resolved.reason == "Terraform evaluated nothing and gave no reason"
    assert entries(settings) == []
    commands()
    resolved(tiny())
    assert commands() == ["plan", "test"]


def test_a_plan_that_failed_has_no_resolution_and_the_others_have(tiny: Tiny) -> None:
    bad = Environment("bad", variables={"size": ["no text"]})
    settings = tiny(environments={**BOTH, "bad": bad})
    with Planner(settings, settings.stack("tiny")) as planner:
        planner.start(settings.stack("tiny").environments, resolve=True)
        with pytest.raises(StackproofError, match="terraform plan failed"):
            planner.resolution("bad")
        assert (planner.resolution("dev").reason, planner.resolution("prod").reason) == ("", "")


def test_a_kept_plan_that_fails_when_it_is_made_again_leaves_the_others(tiny: Tiny) -> None:
    with Planner(tiny(environments=BOTH), tiny(environments=BOTH).stack("tiny")) as planner:
        planner.start(BOTH)
        for name in BOTH:
            planner.plan(name)
    settings = tiny('case "$*" in *plan-prod/plan*) echo "Error: no luck" >&2; exit 1 ;; esac', BOTH)
    with Planner(settings, settings.stack("tiny")) as planner:
        planner.start(BOTH, resolve=True)
        assert planner.plan("dev").resolved.reason == ""
        with pytest.raises(StackproofError, match="no luck"):
            assert planner.plan("prod").resolved


def test_what_is_resolved_when_a_planner_is_closed_is_ended_and_not_kept(
    tiny: Tiny, tmp_path: Path, traces: Traces
) -> None:
    started = tmp_path / "started"
    settings = tiny(
        f'if [ "$1" = test ]; then touch {started}; trap "exit 1" INT; sleep 600 >/dev/null 2>&1 & wait; fi'
    )
    planner = Planner(settings, settings.stack("tiny"))
    planner.start(["dev"], resolve=True)
    deadline = time.monotonic() + HANGS_SECONDS
    while not started.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    began = time.monotonic()
    planner.close()
    assert time.monotonic() - began < HANGS_SECONDS
    with pytest.raises(TerraformError, match="resolving was interrupted"):
        planner.resolution("dev")
    assert entries(settings) == []
    assert traces.left() == []


def test_what_another_process_resolves_is_not_waited_for_when_a_planner_is_closed(tiny: Tiny, tmp_path: Path) -> None:
    started = tmp_path / "started"
    settings = tiny(f'if [ "$1" = test ]; then touch {started}; exec sleep 600; fi')
    one, other = (Planner(settings, settings.stack("tiny")) for _ in range(2))
    one.start(["dev"], resolve=True)
    while not started.exists():
        time.sleep(0.02)
    other.start(["dev"], resolve=True)
    assert other.plan("dev").environment == "dev"
    other.close()
    with pytest.raises(StackproofError):
        other.resolution("dev")
    one.close()
