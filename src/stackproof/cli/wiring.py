"""`stackproof wiring`: what feeds an argument."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from stackproof.cli import opening
from stackproof.cli.printing import print_json, print_table
from stackproof.errors import PlanError

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from stackproof.plan import Plan


def add_command(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    wiring = commands.add_parser("wiring", help="say what feeds an argument, through modules, locals and unknown ids")
    wiring.add_argument("address", metavar="ADDRESS", help="the resource or data source")
    wiring.add_argument("path", metavar="PATH", help="the argument, such as load_balancer[0].target_group_arn")
    opening.add_plan_options(wiring)
    wiring.set_defaults(command=_wiring)


def _wiring(arguments: argparse.Namespace) -> int:
    with opening.resolved_plans(arguments) as plans:
        answers = {name: _wires(plan, arguments.address, arguments.path) for name, plan in plans.items()}
    if arguments.format == "json":
        print_json(answers)
        return 0
    for name, answer in answers.items():
        rows = [
            (feed["address"], feed["attribute"], "certain" if feed["certain"] else "possible", "\n".join(feed["way"]))
            for feed in answer["feeds"]
        ]
        title = f"{name}: {arguments.address} {arguments.path}"
        if rows:
            print_table(title, ("fed by", "attribute", "how sure", "on the way of"), rows)
        else:
            print(f"{title}\n  fed by no resource\n")
        if not answer["exact"]:
            print(f"  Not exact: {answer['reason']}\n")
    return 0


def _wires(plan: Plan, address: str, path: str) -> dict[str, Any]:
    resource = plan.resolved[address]
    wiring = resource.wired(path)
    if not wiring.feeds and resource.get(path) is None and path.split(".")[0].split("[")[0] not in resource.arguments:
        raise PlanError(
            f"{path} is not set",
            where=f"{address} ({resource.place or 'place not at hand'})",
            remedy=f"it sets: {', '.join(resource.arguments) or 'nothing'}.",
        )
    ways = resource.ways(path)
    return {
        "exact": wiring.exact,
        "reason": wiring.reason,
        "place": str(resource.place_of(path) or ""),
        "feeds": [
            {
                "address": feed.address,
                "attribute": feed.attribute,
                "certain": wiring.exact or feed in wiring.certain,
                "way": next((list(map(str, way)) for way in ways if way[-1].name == str(feed)), []),
            }
            for feed in wiring.feeds
        ],
    }
