"""Small plans: resources with values, references between them, and what is known only after apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stackproof.plan import Plan

LATER = object()
"""A value that is known only after apply, though the configuration sets it."""


@dataclass(frozen=True)
class Ref:
    """A reference such as `aws_vpc.main.id`, unknown before apply."""

    path: str


def document(
    resources: Mapping[str, Mapping[str, Any]],
    *,
    region: str | None = "eu-west-1",
    variables: Mapping[str, Any] | None = None,
    actions: Mapping[str, list[str]] | None = None,
) -> dict[str, Any]:
    """A plan document of a root module; an address may have an index, and a region may be a reference to a variable."""
    changes, declared = [], {}
    for address, values in resources.items():
        kind, name = address.split("[", maxsplit=1)[0].split(".")
        expressions: dict[str, Any] = {}
        after: dict[str, Any] = {}
        unknown: dict[str, Any] = {}
        for key, value in values.items():
            _put(key, value, after, unknown, expressions)
        changes.append(
            {
                "address": address,
                "mode": "managed",
                "type": kind,
                "name": name,
                **_index(address),
                "provider_name": "registry.terraform.io/hashicorp/aws",
                "change": {
                    "actions": (actions or {}).get(address, ["create"]),
                    "before": None,
                    "after": after,
                    "after_unknown": unknown,
                    "after_sensitive": {},
                },
            }
        )
        declared[f"{kind}.{name}"] = {
            "address": f"{kind}.{name}",
            "mode": "managed",
            "type": kind,
            "name": name,
            "provider_config_key": "aws",
            "expressions": expressions,
        }
    given: dict[str, Any] = {}
    if region is not None:
        given = {"region": {"references": [region]} if "." in region else {"constant_value": region}}
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "variables": {name: {"value": value} for name, value in (variables or {}).items()},
        "resource_changes": changes,
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "expressions": given}},
            "root_module": {"resources": list(declared.values())},
        },
    }


def plan(resources: Mapping[str, Mapping[str, Any]], *, environment: str = "dev", **options: Any) -> Plan:
    """The plan of such a document."""
    return Plan(document(resources, **options), environment=environment)


def _index(address: str) -> dict[str, Any]:
    if "[" not in address:
        return {}
    text = address.split("[", maxsplit=1)[1].rstrip("]")
    return {"index": text.strip('"') if text.startswith('"') else int(text)}


def _put(key: str, value: Any, after: dict[str, Any], unknown: dict[str, Any], expressions: dict[str, Any]) -> None:
    if isinstance(value, Ref) or (isinstance(value, list) and any(isinstance(item, Ref) for item in value)):
        unknown[key] = True
        refs = value if isinstance(value, list) else [value]
        expressions[key] = {"references": [path for ref in refs for path in _references(ref.path)]}
    elif value is LATER:
        unknown[key] = True
        expressions[key] = {"references": ["terraform_data.other.output", "terraform_data.other"]}
    else:
        after[key] = value
        expressions[key] = {"constant_value": value}


def _references(path: str) -> list[str]:
    """What Terraform lists for a reference: it, and all that it begins with, the longest first."""
    instance = path.rsplit(".", 1)[0]
    return list(dict.fromkeys([path, instance, instance.split("[", maxsplit=1)[0]]))
