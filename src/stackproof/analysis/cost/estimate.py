"""What a stack costs a month: every resource has lines, is free, or is named among what has no amount."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stackproof.analysis.cost.bill import Bill, Gap, Line, Missing
from stackproof.analysis.cost.prices import Prices
from stackproof.analysis.cost.ranges import NOTHING, Range
from stackproof.analysis.cost.regions import Regions
from stackproof.analysis.cost.services.catalog import PRICERS, why_free
from stackproof.analysis.cost.usage import Assumption, Usage
from stackproof.plan import Plan, SensitiveValueError
from stackproof.verdict import Undecided

DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True)
class Estimate:
    """The monthly cost of a stack in one environment, in US dollars.

    `total` goes from what runs at least (autoscaling at its minimum) to what may (at its maximum). What `gaps` name is
    not in it, so where there are any it is a lower bound. `free` has the addresses that cost nothing by themselves.
    """

    environment: str
    region: str
    lines: Sequence[Line]
    free: Mapping[str, str]
    gaps: Sequence[Gap]
    notes: Sequence[str] = ()

    @property
    def total(self) -> Range:
        """US dollars a month."""
        return total(self.lines)

    @property
    def is_complete(self) -> bool:
        """Whether everything has an amount."""
        return not self.gaps

    def by_service(self) -> Mapping[str, Range]:
        """US dollars a month of each service, the dearest first."""
        return _grouped((line.service, line) for line in self.lines)

    def by_resource(self) -> Mapping[str, Range]:
        """US dollars a month of each resource that is charged, the dearest first."""
        return _grouped((line.address, line) for line in self.lines)

    @property
    def assumptions(self) -> Mapping[str, tuple[Assumption, ...]]:
        """The stated figures that the amounts go by, by resource."""
        found: dict[str, dict[Assumption, None]] = {}
        for line in self.lines:
            for assumption in line.assumptions:
                found.setdefault(line.address, {})[assumption] = None
        return {address: tuple(figures) for address, figures in found.items()}

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """The keys of prices that were used though nobody could confirm them."""
        return tuple(sorted({line.price.key for line in self.lines if not line.price.confirmed}))

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON data."""
        return {
            "region": self.region,
            "total": self.total.as_dict(),
            "complete": self.is_complete,
            "services": {name: amount.as_dict() for name, amount in self.by_service().items()},
            "resources": {address: amount.as_dict() for address, amount in self.by_resource().items()},
            "lines": [line.as_dict() for line in self.lines],
            "free": dict(self.free),
            "gaps": [gap.as_dict() for gap in self.gaps],
            "notes": list(self.notes),
        }


def estimate(plan: Plan, prices: Prices, usage: Usage = Usage(), *, region: str = DEFAULT_REGION) -> Estimate:  # noqa: B008
    """What the stack that a plan leads to costs a month; `region` is for plans that do not tell theirs."""
    stack, regions = plan.resolved, Regions(plan, region)
    lines: list[Line] = []
    gaps: list[Gap] = []
    free: dict[str, str] = {}
    for resource in stack.resources():
        pricer = PRICERS.get(resource.type)
        if pricer is not None:
            bill = Bill(resource, stack, regions.of(resource), prices, usage, pricer.service)
            _write(pricer.write, bill)
            lines += bill.lines
            gaps += bill.gaps
            if not bill.lines and not bill.gaps:
                free[resource.address] = "nothing in it is charged"
            continue
        why = why_free(resource.type)
        if why is not None:
            free[resource.address] = why
        else:
            gaps.append(Gap(resource.address, Missing.UNPRICED, f"no prices are known for {resource.type}"))
    charged = [address for address in regions.guessed if any(line.address == address for line in lines)]
    notes = [f"prices are those of {regions.default}, for nothing tells the region of {', '.join(charged)}"]
    return Estimate(plan.environment, regions.default, tuple(lines), free, tuple(gaps), notes if charged else ())


def total(lines: Iterable[Line]) -> Range:
    """The sum of lines, in US dollars a month."""
    return sum((line.cost for line in lines), NOTHING)


def _write(write: Callable[[Bill], None], bill: Bill) -> None:
    try:
        write(bill)
    except (Undecided, SensitiveValueError) as error:
        bill.gap(Missing.UNDECIDED, str(error))


def _grouped(lines: Iterable[tuple[str, Line]]) -> Mapping[str, Range]:
    sums: dict[str, Range] = {}
    for key, line in lines:
        sums[key] = sums.get(key, NOTHING) + line.cost
    return dict(sorted(sums.items(), key=lambda entry: (-entry[1].low, entry[0])))
