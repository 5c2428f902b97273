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
    operation when all that it waits for is done (when destroying, all that depend on it; of a replacement, its other
    half), so what kept an operation is the one of those that ended last.
    https://developer.hashicorp.com/terraform/internals/graph
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
        awaited = {last.address, *(dependents if last.action == "delete" else dependencies).get(last.address, ())}
        before = [
            operation
            for operation in operations
            if operation.address in awaited and operation.ended <= last.began and operation not in chain
        ]
        if not before:
            return tuple(reversed(chain))
        chain.append(max(before, key=lambda operation: operation.ended))


def dependencies_in(state: Mapping[str, Any]) -> Mapping[str, Collection[str]]:
    """What each managed instance of a state depends on, directly or not, as addresses of instances.

    `state` is the document of `terraform state pull`, whose `dependencies` name resources without their keys.
    """
    needed: dict[str, set[str]] = defaultdict(set)
    by_resource: dict[str, list[str]] = defaultdict(list)
    for resource in state.get("resources", ()):
        if resource["mode"] == "managed":
            module = resource.get("module")
            name = f"{resource['type']}.{resource['name']}"
            for instance in resource["instances"]:
                key = f"[{_quoted(instance['index_key'])}]" if "index_key" in instance else ""
                address = f"{module}.{name}{key}" if module else f"{name}{key}"
                # what an interrupted replacement has left over is another instance of the same address
                needed[address].update(instance.get("dependencies", ()))
                by_resource[without_indexes(address)].append(address)
    return {
        address: {one for name in named for one in by_resource.get(without_indexes(name), ())}
        for address, named in needed.items()
    }


def _quoted(key: str | int) -> str:
    """A key as addresses have it.

    https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
    """
    return json.dumps(key, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
