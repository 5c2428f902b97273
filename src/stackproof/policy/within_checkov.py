"""Rules as checkov runs them by itself: on the graph that it makes of HCL, or on a plan that it was given.

The graph becomes a stack, so that a rule is written once. What checkov cannot tell from HCL (a variable without a
value, a function over what is not known) is unknown there, and a rule that depends on it says neither pass nor fail.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from stackproof.errors import StackproofError
from stackproof.plan import Stack, load_plan
from stackproof.policy.checkov_graph import stack_of
from stackproof.policy.facts import Facts
from stackproof.policy.judging import Judge, Judgement, judge_resource
from stackproof.settings import find_settings, load_settings

ADDRESS = "__address__"
FILE = "file_path_"


class _Last:
    """What was made of the graph that was seen last: checkov asks rule after rule about the same one.

    `options` are those of the settings that hold where checkov runs.
    """

    graph: object = None
    facts: Facts | None = None
    options: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


_LAST = _Last()


def judgement(rule: Judge, graph: Any, conf: Mapping[str, Any]) -> Judgement | None:  # noqa: ANN401  # either library's
    """What a rule makes of a resource as checkov read it; None where checkov's graph does not hold it."""
    facts = _facts(graph)
    address = str(conf.get(ADDRESS, ""))
    if facts is None or address not in facts.stack:
        return None
    options = {**rule.about.options, **_LAST.options.get(rule.about.id, {})}
    return judge_resource(rule, facts.stack[address], facts, options)


def _facts(graph: Any) -> Facts | None:  # noqa: ANN401  # of either library that checkov keeps graphs in
    if graph is None:
        return None
    if _LAST.graph is not graph:
        _LAST.graph, _LAST.facts, _LAST.options = graph, None, _options()
        stack = _stack(graph)
        _LAST.facts = Facts(stack) if stack is not None else None
    return _LAST.facts


def _stack(graph: Any) -> Stack | None:  # noqa: ANN401
    nodes = [node[1] if isinstance(node, tuple) else node for node in graph.nodes()]
    if nodes and isinstance(nodes[0], str):  # networkx hands out keys
        nodes = [graph.nodes[key] for key in graph.nodes()]
    files = {str(node.get(FILE, "")) for node in nodes}
    plan = next((file for file in files if file.endswith(".json") and not file.endswith(".tf.json")), None)
    if plan is None:
        return stack_of(graph, nodes)
    try:
        return load_plan(Path(plan)).resolved
    except StackproofError:
        return None


def _options() -> Mapping[str, Mapping[str, Any]]:
    with contextlib.suppress(StackproofError):
        file = find_settings(Path.cwd())
        if file is not None:
            return load_settings(file).policy.options
    return {}
