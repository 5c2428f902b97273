"""All resource types that are known: how each is priced, or that it costs nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from stackproof.analysis.cost.services import containers, data, delivery, machines, monitoring, network
from stackproof.analysis.cost.services.pricer import Pricer

PRICERS: Mapping[str, Pricer] = MappingProxyType(
    {
        **containers.PRICERS,
        **network.PRICERS,
        **monitoring.PRICERS,
        **delivery.PRICERS,
        **data.PRICERS,
        **machines.PRICERS,
    }
)

FIGURES: Mapping[str, Mapping[str, str]] = {kind: pricer.figures for kind, pricer in PRICERS.items() if pricer.figures}
"""What has to be assumed of the types that are paid by use, with what each figure means."""


def why_free(type: str) -> str | None:
    """Why resources of a type cost nothing by themselves; None where that is not known of them."""
    reasons = _reasons()
    if type in reasons:
        return reasons[type]
    return next((why for pattern, why in reasons.items() if "*" in pattern and fnmatchcase(type, pattern)), None)


@cache
def _reasons() -> Mapping[str, str]:
    text = (files("stackproof.analysis.cost") / "data" / "free.toml").read_text("utf-8")
    return {kind: entry["why"] for entry in tomllib.loads(text)["free"] for kind in entry["types"]}
