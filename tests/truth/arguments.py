"""The arguments that a configuration sets, each with what it became in the applied state.

Which are set is read from the HCL, what is a set from the provider's schema. Elements of sets have no place of their
own, neither in a plan nor in a state, so that a set is one argument, however many elements it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stackproof.plan.paths import format_path
from stackproof.terraform import hcl

from .state import Instance, State, Steps, leaves, texts

_META = frozenset({"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"})

Schema = Mapping[str, Any]
"""What `terraform providers schema` says of a resource type or of a nested block."""


@dataclass(frozen=True)
class Argument:
    """A value of an instance that the configuration sets: its path, and all the texts in what became of it."""

    address: str
    path: str
    texts: tuple[str, ...]


def read_arguments(
    state: State, folder: Path, modules: Mapping[str, str], schemas: Mapping[tuple[str, str], Schema]
) -> tuple[Argument, ...]:
    """All arguments of all instances; `folder` is the root module's, and `modules` are relative to it."""
    written = {
        (path, *block.labels, block.kind): _names(block)
        for path, module in modules.items()
        for file in hcl.configuration_files(folder / module)
        for block in hcl.parse_file(file).blocks
        if block.kind in ("data", "resource")
    }
    found: list[Argument] = []
    for instance in state.instances.values():
        kind = "data" if instance.mode == "data" else "resource"
        schema = schemas[instance.mode, instance.type]
        for name in written[instance.module, instance.type, instance.name, kind]:
            found += _of(instance, name, schema)
    return tuple(found)


def read_schemas(document: Mapping[str, Any]) -> dict[tuple[str, str], Schema]:
    """The schema of every type, by mode and name, from what `terraform providers schema` printed."""
    return {
        (mode, name): schema["block"]
        for provider in document["provider_schemas"].values()
        for mode, key in (("managed", "resource_schemas"), ("data", "data_source_schemas"))
        for name, schema in provider.get(key, {}).items()
    }


def _names(block: hcl.Block) -> list[str]:
    """The arguments and nested blocks of a block, dynamic ones among them."""
    names = [argument.name for argument in block.arguments]
    names += [inner.labels[0] if inner.kind == "dynamic" else inner.kind for inner in block.blocks]
    return [name for name in dict.fromkeys(names) if name not in _META]


def _of(instance: Instance, name: str, schema: Schema) -> Iterator[Argument]:
    """The arguments below an attribute: its leaves, and its sets as a whole."""
    found: dict[Steps, list[str]] = {}
    for steps, leaf in leaves(instance.values.get(name), (name,)):
        place = steps[: _ordered(steps, schema)]
        found.setdefault(place, []).extend(texts(leaf))
    for place, all_texts in (found or {(name,): []}).items():
        yield Argument(instance.address, format_path(place), tuple(all_texts))


def _ordered(steps: Steps, schema: Schema) -> int:
    """How many of the steps lead to something that has a place of its own."""
    name = str(steps[0])
    nested = schema.get("block_types", {}).get(name)
    if nested is not None:
        if nested["nesting_mode"] == "set":
            return 1
        inside = 2 if nested["nesting_mode"] in ("list", "map") else 1
        return len(steps) if len(steps) <= inside else inside + _ordered(steps[inside:], nested["block"])
    return 1 + _ordered_in_type(steps[1:], schema["attributes"][name].get("type"))


def _ordered_in_type(steps: Steps, type: Any) -> int:
    if not steps or not isinstance(type, list) or type[0] == "set":
        return 0
    inner = type[1].get(steps[0]) if type[0] == "object" else type[1]
    return 1 + _ordered_in_type(steps[1:], inner)
