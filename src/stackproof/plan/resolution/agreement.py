"""Which of the values that Terraform evaluated is which planned one: what the plan knows of them has to agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stackproof.plan.values import nth

_Data = Any


def agrees(known: _Data, unknown: _Data, made: _Data) -> bool:
    """Whether an evaluated value can be the planned one, in which an unknown part agrees with everything."""
    if unknown is True or known == made:
        return True
    if isinstance(known, dict) and isinstance(made, dict):
        flags = unknown if isinstance(unknown, dict) else {}
        # what a provider adds is missing on one side or the other
        return all(
            item is None or made.get(key) is None or agrees(item, flags.get(key), made[key])
            for key, item in known.items()
        )
    if isinstance(known, list) and isinstance(made, list) and len(known) == len(made):
        return all(agrees(item, nth(unknown, number), made[number]) for number, item in enumerate(known))
    return False


def partners(known: Sequence[_Data], unknown: Sequence[_Data], made: Sequence[_Data]) -> list[_Data]:
    """For each planned element the evaluated one that can be the same; None where there is none.

    Sets have no order: known elements come first in a plan, and nothing is known of the order of the rest.
    """
    left = list(made)
    partners: list[_Data] = []
    if len(known) == len(made) and all(agrees(k, u, m) for k, u, m in zip(known, unknown, made, strict=True)):
        return left
    for item, flags in zip(known, unknown, strict=True):
        partner = next((other for other in left if agrees(item, flags, other)), None)
        if partner is not None:
            left.remove(partner)
        partners.append(partner)
    return partners
