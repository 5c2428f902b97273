"""What each resource type computes: the attributes that a provider may fill in by itself, with their types.

`terraform providers schema` prints 14 MB for the AWS provider in 1.3 s; what is needed of it is kept beside the plans
for each provider version. https://developer.hashicorp.com/terraform/cli/commands/providers/schema
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from stackproof.errors import CacheError, TerraformError
from stackproof.terraform.plan_cache import PlanCache
from stackproof.terraform.providers import Package
from stackproof.terraform.runner import Terraform

AttributeType = Any
"""Terraform's notation: "string", "number", "bool", ["list", T], ["object", {name: T}], ..."""

BUILT_IN: Mapping[str, Mapping[str, Mapping[str, AttributeType]]] = {
    "managed": {"terraform_data": {"id": "string", "output": "dynamic"}},
    "data": {"terraform_remote_state": {"outputs": "dynamic"}},
}
"""What Terraform itself has, which it describes only where a configuration uses it.

https://developer.hashicorp.com/terraform/language/resources/terraform-data
"""


class Schemas:
    """The computed attributes of every resource and data source of the providers of one stack."""

    def __init__(self, computed: Mapping[str, Mapping[str, Mapping[str, AttributeType]]]) -> None:
        self._computed = {mode: {**types, **computed.get(mode, {})} for mode, types in BUILT_IN.items()}

    def describe(self, type: str) -> bool:
        """Whether there is a resource type of that name."""
        return type in self._computed["managed"]

    def computed(self, mode: str, type: str) -> Mapping[str, AttributeType]:
        """The computed attributes of a type with their types; `mode` is "managed" or "data"."""
        return self._computed[mode].get(type, {})


def read_schemas(terraform: Terraform, packages: Sequence[Package], cache: PlanCache) -> Schemas:
    """The schemas of these providers, from the cache where they are there; raises TerraformError."""
    if not packages:
        return Schemas({})
    key = "_".join(f"{package.address}_{package.version}" for package in packages).replace("/", "-")
    kept = cache.load(key)
    if kept is not None:
        return Schemas(json.loads(kept))
    computed = _computed(json.loads(terraform.providers_schema()))
    with contextlib.suppress(CacheError):  # kept for speed alone
        cache.store(key, json.dumps(computed).encode())
    return Schemas(computed)


def _computed(document: Mapping[str, Any]) -> dict[str, dict[str, dict[str, AttributeType]]]:
    found: dict[str, dict[str, dict[str, AttributeType]]] = {"managed": {}, "data": {}}
    for provider in document.get("provider_schemas", {}).values():
        for mode, key in (("managed", "resource_schemas"), ("data", "data_source_schemas")):
            for name, schema in provider.get(key, {}).items():
                found[mode][name] = {
                    attribute_name: attribute.get("type", "dynamic")
                    for attribute_name, attribute in schema["block"].get("attributes", {}).items()
                    if attribute.get("computed")
                }
    if not any(found.values()):
        raise TerraformError("the providers describe no resource types", where="terraform providers schema")
    return found
