"""`stackproof cost`: what environments cost a month, side by side, and what a change makes of that."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackproof.cli import opening, sides
from stackproof.cli.cost_tables import print_comparison, print_estimates, print_notes
from stackproof.cli.printing import print_json
from stackproof.settings import find_settings
from stackproof.verdict import Verdict

if TYPE_CHECKING:
    from argparse import _SubParsersAction
    from collections.abc import Mapping, Sequence

    from stackproof.analysis.cost import BudgetCheck, Estimate
    from stackproof.analysis.cost.comparison import Comparison
    from stackproof.analysis.cost.prices import Prices
    from stackproof.analysis.cost.savings import Saving
    from stackproof.analysis.cost.usage import Usage
    from stackproof.plan import Plan
    from stackproof.settings import Cost, Settings

VERSION = 1
"""Of the JSON report; it changes where a key changes its meaning or goes."""

OVER_BUDGET = 1
"""The exit code where a budget is broken, or may be."""


def add_command(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    cost = commands.add_parser(
        "cost",
        help="say what environments cost a month, by service and resource, and what a change makes of that",
        description="Exit code 0 where every budget is kept, 1 where one is not, or may not be, 2 without an answer.",
    )
    cost.add_argument("--base", metavar="BASE", help="compare with a git revision, a plan file or a folder of these")
    cost.add_argument(
        "--prices", default="", metavar="sheet|api|FILE", help="the price sheet, the AWS Price List, or your own sheet"
    )
    cost.add_argument("--usage", type=Path, metavar="FILE", help="the assumptions (those of the settings without)")
    cost.add_argument("--parts", action="store_true", help="show what each amount is made of")
    opening.add_plan_options(cost)
    cost.set_defaults(command=_cost)


def _cost(arguments: argparse.Namespace) -> int:
    from stackproof.analysis.cost import estimate
    from stackproof.analysis.cost.comparison import compare
    from stackproof.analysis.cost.savings import savings

    settings = _settings(arguments)
    prices, usage = _sources(arguments, settings)
    region = settings.sandbox.region if settings else "us-east-1"

    def estimated(plan: Plan) -> Estimate:
        return estimate(plan, prices, usage, region=region)

    with ExitStack() as opened:
        plans = opened.enter_context(opening.resolved_plans(arguments))
        estimates = {name: estimated(plan) for name, plan in plans.items()}
        cheaper = {name: savings(estimates[name], plan.resolved, prices) for name, plan in plans.items()}
        compared = {}
        if arguments.base:
            base = opened.enter_context(_base(arguments))
            compared = {
                name: compare(estimated(before) if before else None, estimates[name], _moved(after))
                for name, (before, after) in sides.paired(base.plans, plans).items()
            }
    checks = _checks(estimates, settings, arguments.stack)
    described = prices.describe(datetime.now(UTC).date())
    if arguments.format == "json":
        print_json(_report(estimates, compared, checks, cheaper, described, usage.file))
    else:
        print_estimates(estimates, checks, parts=arguments.parts)
        for comparison in compared.values():
            print_comparison(comparison)
        print_notes(estimates, cheaper, checks)
        print(f"Prices: {described}.\nAssumptions: {usage.file or 'none are stated: --usage FILE'}.")
        print("US dollars a month of 730 hours, without taxes, discounts and free allowances.")
    return 0 if all(check.verdict is Verdict.PASS for check in checks.values()) else OVER_BUDGET


def _settings(arguments: argparse.Namespace) -> Settings | None:
    """The settings; plan files can do without."""
    if arguments.plan_json and find_settings(Path.cwd()) is None:
        return None
    return opening.settings()


def _sources(arguments: argparse.Namespace, settings: Settings | None) -> tuple[Prices, Usage]:
    from stackproof.analysis.cost import FIGURES, Usage, bundled_sheet, load_sheet, load_usage
    from stackproof.analysis.cost.price_list import PriceList

    said: Cost | None = settings.cost if settings else None
    own = said.prices if said else None
    sheet = load_sheet(own) if own else bundled_sheet()
    file = arguments.usage or (said.usage if said else None)
    usage = load_usage(file, FIGURES) if file else Usage()
    if arguments.prices == "api":
        return PriceList(sheet), usage
    if arguments.prices in ("", "sheet"):
        return sheet, usage
    return load_sheet(Path(arguments.prices)), usage


def _base(arguments: argparse.Namespace) -> AbstractContextManager[sides.Side]:
    """The side to compare with, which is never the plan files that are asked about."""
    return sides.opened(arguments.base, argparse.Namespace(**{**vars(arguments), "plan_json": None}))


def _moved(plan: Plan) -> Mapping[str, str]:
    return {a: change.previous_address for a, change in plan.changes.items() if change.previous_address}


def _checks(
    estimates: Mapping[str, Estimate], settings: Settings | None, stack: str | None
) -> Mapping[str, BudgetCheck]:
    from stackproof.analysis.cost import BudgetCheck

    if settings is None or (stack is None and len(settings.stacks) != 1):
        return {}
    budgets = settings.cost.budgets.get(stack or next(iter(settings.stacks)), {})
    return {name: BudgetCheck.of(found, budgets[name]) for name, found in estimates.items() if name in budgets}


def _report(
    estimates: Mapping[str, Estimate],
    compared: Mapping[str, Comparison],
    checks: Mapping[str, BudgetCheck],
    cheaper: Mapping[str, Sequence[Saving]],
    prices: str,
    usage: str,
) -> dict[str, Any]:
    environments = {
        name: {
            **estimate.as_dict(),
            "savings": [saving.as_dict() for saving in cheaper[name]],
            "budget": checks[name].as_dict() if name in checks else None,
            "difference": compared[name].as_dict() if name in compared else None,
        }
        for name, estimate in estimates.items()
    }
    return {"version": VERSION, "currency": "USD", "prices": prices, "usage": usage, "environments": environments}
