"""Which operations kept a command: the chain of those that waited for one another and ended last."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from stackproof.plan.addresses import without_indexes
from stackproof.terraform.operations import Operation


def critical_path(
    operations: Sequence[Operation], dependencies: Mapping[str, Collection[str]]
) -> tuple[Operation, ...]:
    """The chain that ends with the operation that ended last, in the order in which it was done.

    `dependencies` maps addresses of instances to those of what they depend on, directly or not. Terraform begins an
    operation when all that it waits for is done (when destroying, all that depend on it), so what kept an operation
    is the one of those that ended last. https://developer.hashicorp.com/terraform/internals/graph
    """
    if not operations:
        return ()
    dependents: dict[str, set[str]] = {}
    for address, needed in dependencies.items():
        for other in needed:
            dependents.setdefault(other, set()).add(address)
    chain = [max(operations, key=lambda operation: operation.ended)]
    while True:
        last = chain[-1]
        awaited = dependents if last.action == "delete" else dependencies
        before = [
            operation
            for operation in operations
            if operation.address in awaited.get(last.address, ()) and operation.ended <= last.began
        ]
        if not before:
            return tuple(reversed(chain))
        chain.append(max(before, key=lambda operation: operation.ended))


def dependencies_in(state: Mapping[str, Any]) -> Mapping[str, Collection[str]]:
    """What each managed instance of a state depends on, directly or not, as addresses of instances.

    `state` is the document of `terraform state pull`, whose `dependencies` name resources without their keys.
    """
    needed: dict[str, Sequence[str]] = {}
    by_resource: dict[str, list[str]] = defaultdict(list)
    for resource in state.get("resources", ()):
        if resource["mode"] == "managed":
            module = resource.get("module")
            name = f"{resource['type']}.{resource['name']}"
            for instance in resource["instances"]:
                key = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
                address = f"{module}.{name}{key}" if module else f"{name}{key}"
                needed[address] = instance.get("dependencies", ())
                by_resource[without_indexes(address)].append(address)
    return {
        address: {one for name in named for one in by_resource.get(without_indexes(name), ())}
        for address, named in needed.items()
    }
