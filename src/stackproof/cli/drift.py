"""`stackproof drift`: what is not as it was applied, for a person or a scheduled job."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackproof.cli import opening
from stackproof.cli.printing import print_json
from stackproof.errors import PlanError, StackproofError

if TYPE_CHECKING:
    from argparse import _SubParsersAction
    from collections.abc import Iterable, Iterator, Sequence

    from stackproof.analysis.drift.ignoring import Considered
    from stackproof.plan import Plan

VERSION = 1
"""Of the JSON report; it changes where a key changes its meaning or goes."""

DRIFTED = 1
NOT_ASKED = 2


def add_command(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    drift = commands.add_parser(
        "drift", help="say what was changed behind Terraform's back, and exit 1 if anything was"
    )
    drift.add_argument("--stack", help="the stack, where the settings declare several")
    drift.add_argument(
        "--environment", action="append", metavar="NAME", help="ask of this environment only (may be repeated)"
    )
    drift.add_argument(
        "--plan-json", action="append", type=Path, metavar="FILE", help="read this plan instead (may be repeated)"
    )
    drift.add_argument("--sandbox", choices=("ambient", "emulated"), default="ambient")
    drift.add_argument(
        "--ignore", action="append", default=[], metavar="ADDRESS[.PATH]", help="expect this drift; * is any text"
    )
    drift.add_argument("--format", choices=("text", "json"), default="text")
    drift.set_defaults(command=_drift, plan_cache="off")


def _drift(arguments: argparse.Namespace) -> int:
    from stackproof.analysis.drift import find_drift, is_applied
    from stackproof.analysis.drift.ignoring import consider

    report: dict[str, Considered | StackproofError] = {}
    sizes: dict[str, int] = {}
    with ExitStack() as opened:
        for name, plan in _plans(arguments, opened):
            if isinstance(plan, StackproofError):
                report[name] = plan
            elif not is_applied(plan):
                report[name] = PlanError(
                    "nothing is recorded as applied, so there is nothing that could have drifted",
                    where=name,
                    remedy="apply it, mend its backend's configuration, or leave it out with --environment.",
                )
            else:
                report[name] = consider(find_drift(plan), arguments.ignore)
                sizes[name] = len(plan.resources())
    if arguments.format == "json":
        print_json({"version": VERSION, "environments": {name: _as_dict(found) for name, found in report.items()}})
    else:
        for name, found in report.items():
            if not isinstance(found, StackproofError):
                sys.stdout.writelines(f"{line}\n" for line in _lines(name, found, sizes[name]))
    failures = [found for found in report.values() if isinstance(found, StackproofError)]
    for failure in failures:
        sys.stderr.write(f"stackproof: {failure}\n")
    _say_idle(arguments.ignore, report.values())
    if failures:
        return NOT_ASKED
    return DRIFTED if any(not isinstance(found, StackproofError) and found.drift for found in report.values()) else 0


def _plans(arguments: argparse.Namespace, opened: ExitStack) -> Iterator[tuple[str, Plan | StackproofError]]:
    if arguments.plan_json:
        for file in arguments.plan_json:
            plan = opening.plan_from(file)
            yield plan.environment, plan
        return
    planner = opened.enter_context(opening.planner_for(arguments))
    names = arguments.environment or list(planner.environments)
    planner.start(names)
    for news in planner.news():
        sys.stderr.write(f"{news.environment}: {news.stage.value} ({news.seconds:.1f} s)\n")
    for name in names:
        try:
            yield name, planner.plan(name)
        except StackproofError as error:
            yield name, error


def _lines(name: str, found: Considered, size: int) -> Iterator[str]:
    from stackproof.analysis.drift import describe

    ignored = f", {len(found.ignored)} ignored" if found.ignored else ""
    if not found.drift:
        yield f"{name}: no drift in {size} resources{ignored}"
        return
    addresses = len({drift.address for drift in found.drift})
    yield f"{name}: {addresses} of {size} resources drifted{ignored}"
    for drift in found.drift:
        yield from (f"  {line}" for line in describe(drift))


def _as_dict(found: Considered | StackproofError) -> dict[str, Any]:
    if isinstance(found, StackproofError):
        return {"asked": False, "error": str(found), "drift": [], "ignored": []}
    return {
        "asked": True,
        "error": None,
        "drift": [drift.as_dict() for drift in found.drift],
        "ignored": [drift.as_dict() for drift in found.ignored],
    }


def _say_idle(patterns: Sequence[str], report: Iterable[Considered | StackproofError]) -> None:
    asked = [found for found in report if not isinstance(found, StackproofError)]
    for pattern in patterns:
        if asked and all(pattern in found.idle for found in asked):
            sys.stderr.write(f"stackproof: --ignore {pattern} matched nothing\n")
