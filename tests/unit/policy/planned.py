"""Plans of a few resources, for rules to judge."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stackproof.plan import Plan
from stackproof.plan.source import Sources


@dataclass(frozen=True)
class Planned:
    """A managed resource: values that are known, attributes that are not, arguments with what they refer to.

    `told` are values that the plan has, and the configuration does not set.
    """

    address: str
    values: dict[str, Any] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    refers: dict[str, list[str]] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def block(self) -> dict[str, str]:
        """What a plan's change and its configuration have in common."""
        kind, name = self.address.split(".", 1)
        return {"address": self.address, "mode": "managed", "type": kind, "name": name}


def plan_of(*resources: Planned, environment: str = "dev", sources: Sources | None = None) -> Plan:
    """A plan that creates these resources; `sources` is the HCL."""
    changes = [
        {
            **resource.block,
            "change": {
                "actions": ["create"],
                "before": None,
                "after": {**resource.values, **resource.told},
                "after_unknown": dict.fromkeys((*resource.unknown, *resource.refers), True),
                "after_sensitive": dict.fromkeys(resource.sensitive, True),
            },
        }
        for resource in resources
    ]
    written = [
        {
            **resource.block,
            "expressions": {
                **{name: {"constant_value": value} for name, value in resource.values.items() if value is not None},
                **{name: {"references": list(names)} for name, names in resource.refers.items()},
            },
        }
        for resource in resources
    ]
    document = {
        "format_version": "1.2",
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": written}},
    }
    return Plan(document, environment=environment, sources=sources)
