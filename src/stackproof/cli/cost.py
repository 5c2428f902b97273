"""`stackproof cost`: what environments cost a month, side by side, and what a change makes of that."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackproof.cli import opening, sides
from stackproof.cli.printing import print_json, print_table
from stackproof.errors import StackproofError

if TYPE_CHECKING:
    from argparse import _SubParsersAction
    from collections.abc import Callable, Mapping

    from stackproof.analysis.cost import BudgetCheck, Estimate
    from stackproof.analysis.cost.comparison import Comparison, Difference
    from stackproof.analysis.cost.prices import Prices
    from stackproof.analysis.cost.ranges import Range
    from stackproof.analysis.cost.savings import Saving
    from stackproof.analysis.cost.usage import Usage
    from stackproof.plan import Plan
    from stackproof.settings import Cost, Settings

VERSION = 1
"""Of the JSON report; it changes where a key changes its meaning or goes."""

OVER_BUDGET = 1
"""The exit code where a budget is broken, or may be."""

CENT = Decimal("0.01")


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
        _print_estimates(estimates, checks, parts=arguments.parts)
        for comparison in compared.values():
            _print_comparison(comparison)
        _print_notes(estimates, cheaper, checks)
        print(f"Prices: {described}.\nAssumptions: {usage.file or 'none are stated: --usage FILE'}.")
        print("US dollars a month of 730 hours, without taxes, discounts and free allowances.")
    from stackproof.verdict import Verdict

    return OVER_BUDGET if any(check.verdict is not Verdict.PASS for check in checks.values()) else 0


def _settings(arguments: argparse.Namespace) -> Settings | None:
    """The settings; plan files can do without."""
    try:
        return opening.settings()
    except StackproofError:
        if arguments.plan_json:
            return None
        raise


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


def _base(arguments: argparse.Namespace) -> Any:  # noqa: ANN401
    """The side to compare with, which is never the plan files that are asked about."""
    return sides.opened(arguments.base, argparse.Namespace(**{**vars(arguments), "plan_json": None}))


def _moved(plan: Plan) -> Mapping[str, str]:
    return {a: change.previous_address for a, change in plan.changes.items() if change.previous_address}


def _checks(
    estimates: Mapping[str, Estimate], settings: Settings | None, stack: str | None
) -> Mapping[str, BudgetCheck]:
    from stackproof.analysis.cost import BudgetCheck

    if settings is None:
        return {}
    budgets = settings.cost.budgets.get(stack or next(iter(settings.stacks), ""), {})
    return {name: BudgetCheck.of(estimate, budgets[name]) for name, estimate in estimates.items() if name in budgets}


def _print_estimates(estimates: Mapping[str, Estimate], checks: Mapping[str, BudgetCheck], *, parts: bool) -> None:
    names = list(estimates)
    services = {name: estimate.by_service() for name, estimate in estimates.items()}
    rows = _side_by_side(services, names)
    rows.append(("total", *(_amount(estimates[name].total, more=bool(estimates[name].gaps)) for name in names)))
    if checks:
        budgets = [f"{checks[n].budget:.2f} ({checks[n].verdict.value})" if n in checks else "" for n in names]
        rows.append(("budget", *budgets))
    print_table("USD a month, by service", ("service", *names), rows)
    resources = {name: estimate.by_resource() for name, estimate in estimates.items()}
    print_table("USD a month, by resource", ("resource", *names), _side_by_side(resources, names))
    if not parts:
        return
    for name, estimate in estimates.items():
        lines = [
            (
                line.address,
                line.part,
                f"{_plain(line.quantity)} {line.price.unit}{_plural(line.price.unit)}",
                f"{line.price.amount:f}{'' if line.price.confirmed else ' (unconfirmed)'}",
                _amount(line.cost),
                "; ".join(filter(None, [line.basis, *map(str, line.assumptions)])),
            )
            for line in estimate.lines
        ]
        print_table(f"{name} ({estimate.region})", ("resource", "part", "quantity", "price", "USD", "by"), lines)


def _side_by_side(tables: Mapping[str, Mapping[str, Range]], names: list[str]) -> list[tuple[str, ...]]:
    first: dict[str, Decimal] = {}
    for table in tables.values():
        for key, amount in table.items():
            first[key] = max(first.get(key, amount.low), amount.low)
    keys = sorted(first, key=lambda key: (-first[key], key))
    return [(key, *(_amount(tables[n][key]) if key in tables[n] else "" for n in names)) for key in keys]


def _print_comparison(comparison: Comparison) -> None:
    def row(one: Difference) -> tuple[str, ...]:
        before = _amount(one.before) if one.before else ""
        return one.name, before, _amount(one.after) if one.after else "", _signed(one)

    columns = ("", "before", "after", "difference")
    if not comparison.resources:
        print(f"{comparison.environment}: the change costs nothing\n")
    else:
        rows = [*map(row, comparison.services), row(comparison.total)]
        print_table(f"{comparison.environment}: what the change costs, by service", columns, rows)
        print_table(
            f"{comparison.environment}: what the change costs, by resource",
            columns,
            list(map(row, comparison.resources)),
        )
    for gap in comparison.new_gaps:
        print(f"{comparison.environment}: newly not in the sum: {gap}")
    for gap in comparison.lost_gaps:
        print(f"{comparison.environment}: no longer left out: {gap}")


def _print_notes(
    estimates: Mapping[str, Estimate], cheaper: Mapping[str, Any], checks: Mapping[str, BudgetCheck]
) -> None:
    assumed = {
        name: {(address, f.name): f"{f.value:,f}" for address, figures in e.assumptions.items() for f in figures}
        for name, e in estimates.items()
    }
    keys = dict.fromkeys(key for table in assumed.values() for key in table)
    if keys:
        rows = [
            (address, what, *(table.get((address, what), "") for table in assumed.values())) for address, what in keys
        ]
        print_table("Assumed a month", ("resource", "figure", *assumed), rows)
    savings = [
        (name, saving.change, "\n".join(saving.resources), _amount(saving.saves), saving.but)
        for name, found in cheaper.items()
        for saving in found
    ]
    if savings:
        print_table("Could be saved", ("environment", "by", "at", "USD a month", "but"), savings)
    for name, found in _by_text((name, str(gap)) for name, e in estimates.items() for gap in e.gaps).items():
        print(f"{', '.join(found)}: not in the sum: {name}")
    for name, estimate in estimates.items():
        for note in estimate.notes:
            print(f"{name}: {note}")
        if estimate.unconfirmed:
            print(f"{name}: unconfirmed prices: {', '.join(estimate.unconfirmed)}")
    for name, check in checks.items():
        print(f"{name}: {check.verdict.value}: {check.why}")


def _by_text(pairs: Any) -> Mapping[str, list[str]]:  # noqa: ANN401
    found: dict[str, list[str]] = {}
    for environment, text in pairs:
        found.setdefault(text, []).append(environment)
    return found


def _amount(amount: Range, *, more: bool = False) -> str:
    if amount.high is None:
        return f"{amount.low:.2f} or more"
    text = _span(amount, _dollars)
    return f"{text} and more" if more else text


def _dollars(number: Decimal) -> str:
    return "< 0.01" if 0 < number < CENT / 2 else f"{number:.2f}"


def _plain(amount: Range) -> str:
    if amount.high is None:
        return f"{_short(amount.low)} or more"
    return _span(amount, _short)


def _span(amount: Range, form: Callable[[Decimal], str]) -> str:
    assert amount.high is not None
    low, high = form(amount.low), form(amount.high)
    return low if low == high else f"{low} to {high}"


def _short(number: Decimal) -> str:
    text = f"{number:.4f}".rstrip("0").rstrip(".")
    return text if text != "0" or not number else f"{number:.2g}"


def _plural(unit: str) -> str:
    return "" if unit[0].isdigit() or unit.startswith("million") or unit.endswith("B") else "s"


def _signed(one: Difference) -> str:
    low = f"{one.low:+.2f}"
    if one.high is None:
        return f"{low} or more"
    high = f"{one.high:+.2f}"
    return low if low == high else f"{low} to {high}"


def _report(
    estimates: Mapping[str, Estimate],
    compared: Mapping[str, Comparison],
    checks: Mapping[str, BudgetCheck],
    cheaper: Mapping[str, Any],
    prices: str,
    usage: str,
) -> dict[str, Any]:
    environments: dict[str, Any] = {}
    for name, estimate in estimates.items():
        check, comparison = checks.get(name), compared.get(name)
        environments[name] = {
            "region": estimate.region,
            "total": _numbers(estimate.total),
            "complete": estimate.is_complete,
            "services": {service: _numbers(amount) for service, amount in estimate.by_service().items()},
            "resources": {address: _numbers(amount) for address, amount in estimate.by_resource().items()},
            "lines": [
                {
                    "resource": line.address,
                    "service": line.service,
                    "part": line.part,
                    "quantity": {"low": _float(line.quantity.low), "high": _float(line.quantity.high)},
                    "unit": line.price.unit,
                    "price": {
                        "key": line.price.key,
                        "usd": str(line.price.amount),
                        "source": line.price.source,
                        "as_of": line.price.as_of.isoformat(),
                        "origin": line.price.origin,
                        "confirmed": line.price.confirmed,
                    },
                    "cost": _numbers(line.cost),
                    "basis": line.basis,
                    "assumptions": [
                        {"name": one.name, "value": _float(one.value), "place": one.place, "why": one.why}
                        for one in line.assumptions
                    ],
                }
                for line in estimate.lines
            ],
            "free": dict(estimate.free),
            "gaps": [{"resource": gap.address, "why": gap.why.value, "what": gap.what} for gap in estimate.gaps],
            "notes": list(estimate.notes),
            "savings": [_saving(saving) for saving in cheaper[name]],
            "budget": check and {"usd": _float(check.budget), "verdict": check.verdict.value, "why": check.why},
            "difference": comparison and _difference_report(comparison),
        }
    return {"version": VERSION, "currency": "USD", "prices": prices, "usage": usage, "environments": environments}


def _saving(saving: Saving) -> dict[str, Any]:
    return {
        "change": saving.change,
        "resources": list(saving.resources),
        "saves": _numbers(saving.saves),
        "but": saving.but,
    }


def _difference_report(comparison: Comparison) -> dict[str, Any]:
    def told(one: Difference) -> dict[str, Any]:
        return {
            "name": one.name,
            "before": one.before and _numbers(one.before),
            "after": one.after and _numbers(one.after),
            "difference": {"low": _cents(one.low), "high": _cents(one.high)},
        }

    return {
        "total": told(comparison.total),
        "services": [told(one) for one in comparison.services],
        "resources": [told(one) for one in comparison.resources],
        "new_gaps": list(comparison.new_gaps),
        "lost_gaps": list(comparison.lost_gaps),
    }


def _numbers(amount: Range) -> dict[str, float | None]:
    return {"low": _cents(amount.low), "high": _cents(amount.high)}


def _cents(number: Decimal | None) -> float | None:
    return None if number is None else float(number.quantize(CENT))


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)
