"""How long the analyses of a resolved stack take, and how that grows with the stack."""

from __future__ import annotations

import hashlib
import json
import re
import statistics
import time
from collections.abc import Callable
from typing import Any

from stackproof.analysis.access import Access
from stackproof.analysis.network import Network
from stackproof.plan import Plan, ResolvedStack, Stack
from stackproof.plan.values import Withheld

ROUNDS = 3
_MARK = re.compile(r"[0-9a-f]{16}")


def seconds(stack: ResolvedStack, resources: int) -> tuple[float, float]:
    """The median times for all questions about the network, and all about access, of a stack of so many resources."""
    document = grown(stack, resources)
    return _median(document, _ask_network), _median(document, _ask_access)


def grown(stack: ResolvedStack, resources: int) -> dict[str, Any]:
    """A plan document of at least so many resources: copies of a stack, each with ids and names of its own."""
    original = json.dumps([_change(resource) for resource in stack])
    changes: list[dict[str, Any]] = []
    number = 0
    while len(changes) < resources:
        text = original.replace(f"stock-dashboard-{stack.environment}", f"stock-dashboard-{number}")
        # every id has a mark in it, and another one in every copy
        text = _MARK.sub(lambda mark, n=number: hashlib.sha256(f"{n}{mark[0]}".encode()).hexdigest()[:16], text)  # type: ignore[misc]
        for change in json.loads(text):
            module = f"module.copy[{number}]"
            change["module_address"] = ".".join(filter(None, [module, change["module_address"]]))
            change["address"] = f"{module}.{change['address']}"
            changes.append(change)
        number += 1
    return {"format_version": "1.2", "resource_changes": changes}


def _change(resource: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "address": resource.address,
        "module_address": resource.module,
        "mode": resource.mode,
        "type": resource.type,
        "name": resource.name,
        "index": resource.index,
        "provider_name": resource.provider,
        "change": {"actions": ["create"], "after": _plain(resource.values), "after_unknown": {}, "after_sensitive": {}},
    }


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Withheld):
        return None
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str.__str__(value) if isinstance(value, str) else value


def _median(document: dict[str, Any], ask: Callable[[Stack], None]) -> float:
    times = []
    for _ in range(ROUNDS):
        stack = Plan(document, environment="copies").resolved
        began = time.perf_counter()
        ask(stack)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _ask_network(stack: Stack) -> None:
    network = Network(stack)
    assert len(network.reachable_from_internet())
    for address in network.addresses:
        assert network.egress(address) is not None


def _ask_access(stack: Stack) -> None:
    access = Access(stack)
    assert len(access.matrix())
    assert access.escalations() is not None
