"""What a stack costs a month, by its plan: lines with prices and their sources, and what has no price.

Prices are AWS's own published ones, without taxes, discounts and free allowances, which belong to a whole account.
"""

from stackproof.analysis.cost.budget import BudgetCheck
from stackproof.analysis.cost.estimate import Estimate, estimate
from stackproof.analysis.cost.prices import bundled_sheet, load_sheet
from stackproof.analysis.cost.services.catalog import FIGURES
from stackproof.analysis.cost.usage import Usage, load_usage

__all__ = ["FIGURES", "BudgetCheck", "Estimate", "Usage", "bundled_sheet", "estimate", "load_sheet", "load_usage"]
