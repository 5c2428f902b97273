"""What commands work on: the settings, one stack of them, and its plans."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from stackproof.errors import SettingsError, StackproofError
from stackproof.settings import Settings, find_settings, load_settings

if TYPE_CHECKING:
    from stackproof.plan import Plan
    from stackproof.planner import Planner


def add_planning_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how plans are made."""
    parser.add_argument("--stack", help="the stack, where the settings declare several")
    parser.add_argument("--plan-cache", choices=("on", "refresh", "off"), default="on")
    parser.add_argument("--sandbox", choices=("emulated", "ambient"))


def add_plan_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which plans a question is asked of, and how it is answered."""
    parser.add_argument(
        "--environment", action="append", metavar="NAME", help="ask of this environment only (may be repeated)"
    )
    parser.add_argument(
        "--plan-json", action="append", type=Path, metavar="FILE", help="ask of this plan instead (may be repeated)"
    )
    parser.add_argument("--format", choices=("table", "json"), default="table")
    add_planning_options(parser)


def settings(folder: Path | None = None) -> Settings:
    """The settings that hold in a folder; raises SettingsError where there are none."""
    folder = folder or Path.cwd()
    file = find_settings(folder)
    if file is None:
        raise SettingsError(
            "there is no pyproject.toml with a [tool.stackproof] table here or above",
            where=str(folder),
            remedy="add one; the README shows the smallest.",
        )
    return load_settings(file)


def planner_for(arguments: argparse.Namespace, folder: Path | None = None) -> Planner:
    """The planner for the one stack that is meant; raises SettingsError where several could be."""
    from stackproof import planner

    found = settings(folder)
    if arguments.stack is None and len(found.stacks) > 1:
        raise SettingsError(
            f"there are {len(found.stacks)} stacks", remedy=f"say which: --stack {' or '.join(found.stacks)}."
        )
    stack = found.stack(arguments.stack or next(iter(found.stacks), ""))
    return planner.Planner(found, stack, cache=planner.CacheMode(arguments.plan_cache), kind=arguments.sandbox)


@contextlib.contextmanager
def resolved_plans(arguments: argparse.Namespace, folder: Path | None = None) -> Iterator[Mapping[str, Plan]]:
    """The plans that a question is asked of, by environment, about to be resolved; progress goes to standard error.

    Raises StackproofError where a plan cannot be made.
    """
    if getattr(arguments, "plan_json", None):
        yield {file.stem: plan_from(file) for file in arguments.plan_json}
        return
    with planner_for(arguments, folder) as made:
        names = arguments.environment or list(made.environments)
        made.start(names, resolve=True)
        for news in made.news():
            _say(f"{news.environment}: {news.stage.value} ({news.seconds:.1f} s)")
        plans = {name: made.plan(name) for name in names}
        for name, plan in plans.items():
            if plan.resolved.reason:
                _say(f"{name}: not resolved, so that answers may be undecided: {plan.resolved.reason}")
        yield plans


def plan_from(file: Path, environment: str | None = None) -> Plan:
    """A plan in a file, with the places of the one stack that the settings declare, where it is a plan of that."""
    from stackproof.plan import load_plan

    found = None
    with contextlib.suppress(StackproofError):
        declared = settings().stacks.values()
        found = next(iter(declared)).folder if len(declared) == 1 else None
    return load_plan(file, guess=found, environment=environment)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
