"""Plans of every environment of a stack, each made once: cache, sandbox and Terraform brought together."""

from stackproof.planner.commands import fmt, plan_to_files, validate
from stackproof.planner.planner import CacheMode, Planner, Progress, Stage

__all__ = ["CacheMode", "Planner", "Progress", "Stage", "fmt", "plan_to_files", "validate"]
