"""How long a plan document takes to become a `Plan`, and how that grows."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stackproof.plan import load_plan
from stackproof.terraform import children

ROUNDS = 5


def grown(document: Mapping[str, Any], resources: int) -> dict[str, Any]:
    """The document with its resource changes repeated, in module after module, until there are so many."""
    original = document["resource_changes"]
    changes = []
    for number in range(resources):
        change = json.loads(json.dumps(original[number % len(original)]))
        module = f"module.copy[{number // len(original)}]"
        change["address"] = f"{module}.{change['address']}"
        change["module_address"] = ".".join(filter(None, [module, change.get("module_address")]))
        changes.append(change)
    return {**document, "resource_changes": changes}


def seconds(document: Mapping[str, Any], resources: int) -> float:
    """The best time to load a plan of so many resources from its file and find each by address and type."""
    with children.scratch_folder() as folder:
        file = Path(folder) / "plan.json"
        file.write_text(json.dumps(grown(document, resources)), encoding="utf-8")
        times = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            plan = load_plan(file)
            for resource in plan.resources():
                assert plan[resource.address] is resource
            times.append(time.perf_counter() - began)
    return min(times)
