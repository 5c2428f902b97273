"""Whether a stack stays within what it may cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from stackproof.analysis.cost.estimate import Estimate
from stackproof.analysis.cost.ranges import as_json
from stackproof.errors import BudgetExceeded
from stackproof.verdict import Undecided, Verdict


@dataclass(frozen=True)
class BudgetCheck:
    """An estimate against a budget, in US dollars a month.

    It fails where even the least is above the budget, passes where the most is within it and nothing is left out, and
    is undecided in between.
    """

    estimate: Estimate
    budget: Decimal

    @classmethod
    def of(cls, estimate: Estimate, budget: float) -> BudgetCheck:
        """An estimate against a budget as the settings have it."""
        return cls(estimate, Decimal(str(budget)))

    @property
    def verdict(self) -> Verdict:
        """Whether the budget is kept."""
        cost = self.estimate.total
        if cost.low > self.budget:
            return Verdict.FAIL
        if cost.high is None or cost.high > self.budget or not self.estimate.is_complete:
            return Verdict.UNDECIDED
        return Verdict.PASS

    @property
    def why(self) -> str:
        """The verdict in a sentence."""
        cost = self.estimate.total
        limit = f"the budget of {self.budget:.2f} USD a month"
        if cost.low > self.budget:
            most = f"{cost.low - self.budget:.2f} above {limit}"
            dear = ", ".join(f"{name} {sum_.low:.2f}" for name, sum_ in list(self.estimate.by_service().items())[:3])
            return f"costs {cost.low:.2f} at the least, {most}; most of it: {dear}"
        if cost.high is None:
            return f"costs {cost.low:.2f} at the least, and nothing bounds it from above; {limit} may not be kept"
        if cost.high > self.budget:
            return f"costs {cost.low:.2f} to {cost.high:.2f}: {limit} is kept at the least, and not at the most"
        if self.estimate.gaps:
            left_out = "; ".join(str(gap) for gap in self.estimate.gaps)
            return f"costs {cost.high:.2f} at the most, within {limit}, but without: {left_out}"
        return f"costs {cost.high:.2f} at the most, within {limit}"

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON data."""
        return {"usd": as_json(self.budget), "verdict": self.verdict.value, "why": self.why}

    def require(self) -> None:
        """Raise BudgetExceeded where the budget is broken, and Undecided where it may be."""
        if self.verdict is Verdict.FAIL:
            raise BudgetExceeded(
                self.why,
                where=self.estimate.environment,
                remedy="make it cheaper, or raise the budget in [tool.stackproof.cost.budgets].",
            )
        if self.verdict is Verdict.UNDECIDED:
            raise Undecided(self.estimate.environment, "its monthly cost", self.why)
