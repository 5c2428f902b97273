"""Stackproof: policies and tests for Terraform stacks on AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackproof.errors import StackproofError
from stackproof.verdict import Undecided, Verdict

if TYPE_CHECKING:
    from stackproof.plan import Plan, Resource, Stack, load_plan

__version__ = "0.1.0"

__all__ = ["Plan", "Resource", "Stack", "StackproofError", "Undecided", "Verdict", "load_plan"]


def __getattr__(name: str) -> object:
    """Reach into `stackproof.plan` when first asked, so that `import stackproof` stays quick."""
    if name in ("Plan", "Resource", "Stack", "load_plan"):
        from stackproof import plan

        return getattr(plan, name)
    raise AttributeError(f"module 'stackproof' has no attribute {name!r}")
