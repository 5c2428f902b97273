"""What an environment costs a month: within its budget, with nothing left out and nothing that is not stated."""

from pathlib import Path

import pytest

from stackproof import Plan
from stackproof.analysis.cost import FIGURES, BudgetCheck, Estimate, bundled_sheet, estimate, load_usage
from stackproof.analysis.cost.estimate import total
from stackproof.settings import Cost, load_settings

SETTINGS = Path(__file__).parents[2] / "pyproject.toml"


@pytest.fixture(scope="session")
def cost_settings() -> Cost:
    """`[tool.stackproof.cost]`."""
    return load_settings(SETTINGS).cost


@pytest.fixture(scope="session")
def cost(plan: Plan, cost_settings: Cost) -> Estimate:
    """What the stack in one environment costs a month."""
    assert cost_settings.usage is not None
    return estimate(plan, bundled_sheet(), load_usage(cost_settings.usage, FIGURES))


def test_costs_stay_within_the_budget_even_at_the_most(cost: Estimate, cost_settings: Cost) -> None:
    budgets = cost_settings.budgets["stock-dashboard"]
    assert cost.environment in budgets, f"{cost.environment} has no budget in [tool.stackproof.cost.budgets]"
    BudgetCheck.of(cost, budgets[cost.environment]).require()


def test_no_resource_is_left_out_of_the_sum(cost: Estimate) -> None:
    assert not cost.gaps, "; ".join(map(str, cost.gaps))


def test_next_to_nothing_hangs_on_prices_that_nobody_could_confirm(cost: Estimate) -> None:
    doubtful = total(line for line in cost.lines if not line.price.confirmed)
    assert doubtful.high is not None
    assert doubtful.high < cost.total.low / 100, cost.unconfirmed
