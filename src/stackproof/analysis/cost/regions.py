"""In which region a resource is, as far as a plan tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.plan import Plan, Resource
from stackproof.plan.values import Withheld

_ZONE = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)[a-z]")


class Regions:
    """Answers for the resources of a plan; `guessed` has the addresses of those whose region nothing tells."""

    def __init__(self, plan: Plan, default: str) -> None:
        configuration: Mapping[str, Any] = plan.document.get("configuration", {})
        self._providers = {
            key: region
            for key, provider in configuration.get("provider_config", {}).items()
            if (region := _region(provider, plan)) is not None
        }
        self._keys = dict(_keys(configuration.get("root_module", {}), ""))
        seen = {region for resource in plan for region in _evidence(resource)}
        found = self._providers.get("aws") or (next(iter(seen)) if len(seen) == 1 else None)
        self._told = {"aws"} if found else set()
        self.default = found or default
        self.guessed: list[str] = []

    def of(self, resource: Resource) -> str:
        """The region of a resource: what it says itself, its provider's, or the default provider's."""
        own = resource.get("region")
        if isinstance(own, str):
            return str.__str__(own)
        path = ".".join(resource.module_path)
        key = self._keys.get((path, resource.type, resource.name), "aws")
        if key in self._providers:
            return self._providers[key]
        zones = set(_evidence(resource))
        if len(zones) == 1:
            return next(iter(zones))
        if key not in self._told:
            self.guessed.append(resource.address)
        return self.default


def _region(provider: Mapping[str, Any], plan: Plan) -> str | None:
    """The region that a provider's block gives as a constant or by a variable."""
    if provider.get("name") != "aws" or "module_address" in provider:
        return None
    expression = provider.get("expressions", {}).get("region", {})
    value = expression.get("constant_value")
    references = expression.get("references", [])
    if value is None and len(references) == 1 and references[0].startswith("var."):
        value = plan.variables.get(references[0].removeprefix("var."))
    return value if isinstance(value, str) else None


def _keys(module: Mapping[str, Any], path: str) -> Iterator[tuple[tuple[str, str, str], str]]:
    for raw in module.get("resources", ()):
        if raw.get("mode") == "managed":
            # a module's own key has its path before a colon
            yield (path, raw["type"], raw["name"]), raw.get("provider_config_key", "aws").rsplit(":", 1)[-1]
    for name, call in module.get("module_calls", {}).items():
        yield from _keys(call.get("module", {}), f"{path}.{name}".strip("."))


def _evidence(resource: Resource) -> Iterator[str]:
    """Regions that a resource or data source names."""
    if resource.mode == "data" and resource.type == "aws_region":
        name = resource.get("id")
        if isinstance(name, str):
            yield str.__str__(name)
    zone = resource.get("availability_zone")
    if isinstance(zone, Withheld) or not isinstance(zone, str):
        return
    match = _ZONE.fullmatch(str.__str__(zone))
    if match:
        yield match[1]
