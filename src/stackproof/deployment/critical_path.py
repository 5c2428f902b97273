"""Which operations kept a command: the chain of those that waited for one another and ended last."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

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


def dependencies_in(state: Mapping[str, object]) -> Mapping[str, Collection[str]]:
    """What each resource instance of a state depends on, as addresses of instances.

    `state` is the document of `terraform show -json`, whose `depends_on` names resources without their keys.
    https://developer.hashicorp.com/terraform/internals/json-format#state-representation
    """
    instances = _instances(state)
    by_resource: dict[str, list[str]] = {}
    for address in instances:
        by_resource.setdefault(without_indexes(address), []).append(address)
    return {
        address: {one for name in named for one in by_resource.get(without_indexes(name), ())}
        for address, named in instances.items()
    }


def _instances(state: Mapping[str, object]) -> dict[str, Sequence[str]]:
    found: dict[str, Sequence[str]] = {}
    values = state.get("values")
    pending = [values.get("root_module", {})] if isinstance(values, dict) else []
    while pending:
        module = pending.pop()
        for resource in module.get("resources", ()):
            found[resource["address"]] = resource.get("depends_on", ())
        pending.extend(module.get("child_modules", ()))
    return found
