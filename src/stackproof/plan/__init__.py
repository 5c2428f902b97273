"""What Terraform said it would do: plans, their resources and values, and where those are written."""

from stackproof.plan.change import Action, Change, Output
from stackproof.plan.model import Plan, load_plan
from stackproof.plan.resolved import ResolvedStack
from stackproof.plan.resource import Resource
from stackproof.plan.source import Place
from stackproof.plan.stack import Stack
from stackproof.plan.values import Sensitive, SensitiveValueError, Unknown
from stackproof.plan.wiring import Feed, Traced, Wiring

__all__ = [
    "Action",
    "Change",
    "Feed",
    "Output",
    "Place",
    "Plan",
    "ResolvedStack",
    "Resource",
    "Sensitive",
    "SensitiveValueError",
    "Stack",
    "Traced",
    "Unknown",
    "Wiring",
    "load_plan",
]
