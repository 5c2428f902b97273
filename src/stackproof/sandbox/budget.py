"""How much one run may make in an account; asked of a plan, before anything is applied."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from stackproof.errors import SandboxError
from stackproof.settings import Budget

TABLE = "[tool.stackproof.sandbox.budget]"


def check_budget(budget: Budget, planned: Iterable[tuple[str, str]]) -> None:
    """Refuse a plan that makes more than it may, or what it may not.

    `planned` are address and type of each managed resource instance that would be there after the apply. Raises
    SandboxError that names every instance of a type that no pattern of the budget allows, or how many too many
    there are. A budget that was never declared allows nothing.
    """
    instances = sorted(set(planned))
    outside = [
        (address, kind) for address, kind in instances if not any(fnmatchcase(kind, glob) for glob in budget.types)
    ]
    if outside:
        kinds = ", ".join(f'"{kind}"' for kind in sorted({kind for _, kind in outside}))
        raise SandboxError(
            f"{_count(outside)} not of an allowed type: {', '.join(address for address, _ in outside)}",
            where=f"{TABLE} types",
            remedy=f"where they may be made in this account, add {kinds}.",
        )
    if len(instances) > budget.max_resources:
        raise SandboxError(
            f"{len(instances)} resources are planned, and {budget.max_resources} are allowed",
            where=f"{TABLE} max_resources",
            remedy=f"plan less, or raise it to {len(instances)}.",
        )


def _count(instances: list[tuple[str, str]]) -> str:
    return f"{len(instances)} planned resource is" if len(instances) == 1 else f"{len(instances)} planned resources are"
