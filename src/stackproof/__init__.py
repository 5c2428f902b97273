"""Stackproof: policies and tests for Terraform stacks on AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackproof.errors import StackproofError
from stackproof.verdict import Undecided, Verdict

if TYPE_CHECKING:
    from stackproof.analysis.access import Access
    from stackproof.analysis.network import Network
    from stackproof.deployment import Trial
    from stackproof.plan import Plan, Resource, Stack, load_plan

__version__ = "0.1.0"

__all__ = [
    "Access",
    "Network",
    "Plan",
    "Resource",
    "Stack",
    "StackproofError",
    "Trial",
    "Undecided",
    "Verdict",
    "load_plan",
]

_ROOMS = {
    "Access": "stackproof.analysis.access",
    "Network": "stackproof.analysis.network",
    "Plan": "stackproof.plan",
    "Resource": "stackproof.plan",
    "Stack": "stackproof.plan",
    "Trial": "stackproof.deployment",
    "load_plan": "stackproof.plan",
}


def __getattr__(name: str) -> object:
    """Reach into the rooms when first asked, so that `import stackproof` stays quick."""
    if name in _ROOMS:
        import importlib

        return getattr(importlib.import_module(_ROOMS[name]), name)
    raise AttributeError(f"module 'stackproof' has no attribute {name!r}")
