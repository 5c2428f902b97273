"""Costs as tables for people: environments side by side, what a change makes of them, what stands behind them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from stackproof.cli.printing import print_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from stackproof.analysis.cost import BudgetCheck, Estimate
    from stackproof.analysis.cost.comparison import Comparison, Difference
    from stackproof.analysis.cost.ranges import Range
    from stackproof.analysis.cost.savings import Saving

CENT = Decimal("0.01")


def print_estimates(estimates: Mapping[str, Estimate], checks: Mapping[str, BudgetCheck], *, parts: bool) -> None:
    """Print what environments cost, by service and by resource; the parts of each amount where asked."""
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
                f"{_plain(line.quantity)} x {line.price.unit}",
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


def print_comparison(comparison: Comparison) -> None:
    """Print what a change costs in one environment."""

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


def print_notes(
    estimates: Mapping[str, Estimate], cheaper: Mapping[str, Sequence[Saving]], checks: Mapping[str, BudgetCheck]
) -> None:
    """Print what stands behind the amounts: assumptions, savings, what is left out, budgets."""
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


def _by_text(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
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
    return "< 0.01" if 0 < number < CENT else f"{number:.2f}"


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


def _signed(one: Difference) -> str:
    low = f"{one.low:+.2f}"
    if one.high is None:
        return f"{low} or more"
    high = f"{one.high:+.2f}"
    return low if low == high else f"{low} to {high}"
