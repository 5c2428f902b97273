"""From a path in a resource to the expressions that make the value there, through its nested blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from stackproof.plan.paths import Step
from stackproof.plan.references.arguments import Body, Nested
from stackproof.plan.references.evaluation import Evaluation
from stackproof.plan.references.expressions import Wild
from stackproof.plan.references.found import Found, either, union
from stackproof.plan.references.functions import holds_unknown
from stackproof.plan.references.instances import UNKNOWN
from stackproof.plan.references.scopes import Bound, Scope
from stackproof.plan.references.tracing import Tracer

_Value = Any

_SINGLE = re.compile(r"(^|_)(id|arn)s?$")
"""Names of what is no block, save for some filters of findings: of these it is not asked who would feed them."""


def trace_body(tracer: Tracer, body: Body, steps: tuple[Step, ...], scope: Scope, planned: _Value) -> Found:
    """What feeds the value at the steps below a block, whose planned value is `planned`."""
    if not steps:
        whole = [tracer.trace(expression, (), scope) for expression in body.arguments().values()]
        seen = [name for name in planned if body.argument(name) is None] if isinstance(planned, dict) else []
        names = dict.fromkeys([*body.block_names(), *(name for name in seen if _count(planned[name]))])
        return union([*whole, *(_trace_nested(tracer, body, (name,), scope, planned) for name in names)])
    expression = body.argument(str(steps[0]))
    if expression is None:
        return _trace_nested(tracer, body, steps, scope, planned)
    # positions in a set are not those in the text, and a plan does not tell sets from lists
    return tracer.trace(expression, tuple(step if isinstance(step, str) else Wild.SOME for step in steps[1:]), scope)


def _trace_nested(tracer: Tracer, body: Body, steps: tuple[Step, ...], scope: Scope, planned: _Value) -> Found:
    name, rest = str(steps[0]), steps[1:]
    blocks = body.nested(name)
    values = planned.get(name) if isinstance(planned, dict) else UNKNOWN
    items = values if isinstance(values, list) else [values]
    if rest:
        number = rest[0] if isinstance(rest[0], int) else 0
        value = items[number] if number < len(items) else UNKNOWN
        candidates = [pair for nested in blocks for pair in _expanded(nested, scope, tracer.evaluation, Wild.SOME)]
        same = [pair for pair in candidates if _agrees(*pair, value, tracer.evaluation)] or candidates
        alike = [position for position, item in enumerate(items) if item == value]
        if isinstance(value, dict) and len(alike) == len(same):
            # in a list they are in the order of the text, and a set of blocks that look alike has no other order
            same = [same[alike.index(number)]]
        below = rest[1:] if isinstance(rest[0], int) else rest
        found = either(
            [trace_body(tracer, inner, below, inner_scope, value) for inner, inner_scope in same],
            f"which of the {name} blocks it is, is not known",
        )
    else:
        candidates = [pair for nested in blocks for pair in _expanded(nested, scope, tracer.evaluation, Wild.EVERY)]
        largest = _largest(items)
        found = union(trace_body(tracer, inner, (), inner_scope, largest) for inner, inner_scope in candidates)
    if (
        body.is_whole
        or (values is UNKNOWN and len(steps) == 1 and _SINGLE.search(name))
        or (values is not UNKNOWN and _count(values) <= len(blocks))
    ):
        return found
    return found.lacking(f"{name} may be a dynamic block, of which a plan does not tell")


def _expanded(nested: Nested, scope: Scope, evaluation: Evaluation, otherwise: Wild) -> Iterator[tuple[Body, Scope]]:
    """The blocks that a nested block stands for, each with the scope in it."""
    if nested.for_each is None:
        yield nested.body, scope
        return
    collection = evaluation.value(nested.for_each, scope)
    keys: Iterable[str | int | Wild] = (otherwise,)
    if isinstance(collection, dict):
        keys = sorted(collection)
    elif isinstance(collection, list):
        keys = range(len(collection))
    for key in keys:
        yield nested.body, scope.bind({nested.iterator: Bound(nested.for_each, scope, key, "iterator")})


def _agrees(body: Body, scope: Scope, planned: _Value, evaluation: Evaluation) -> bool:
    """Whether a block can have become what is planned, by those of its arguments that are known on both sides."""
    if not isinstance(planned, dict):
        return True
    for name, expression in body.arguments().items():
        made, value = evaluation.value(expression, scope), planned.get(name, UNKNOWN)
        if made is None or holds_unknown(made) or holds_unknown(value):
            continue
        if _normal(made) != _normal(value):
            return False
    return True


def _normal(value: _Value) -> _Value:
    """A value in a form in which what a provider converts or reorders is still the same."""
    if isinstance(value, dict):
        return {key: _normal(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted(map(str, map(_normal, value)))
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    return str(int(number)) if number is not None and number.is_integer() else str(value).lower()


def _count(value: _Value) -> int:
    """How many nested blocks that can be dynamic a planned value can be."""
    return len(value) if isinstance(value, list) and any(isinstance(item, dict) for item in value) else 0


def _largest(blocks: list[_Value]) -> _Value:
    """What the planned blocks have of each nested block at most, as one block; UNKNOWN where that is not known."""
    if not all(isinstance(block, dict) for block in blocks):
        return UNKNOWN
    names = dict.fromkeys(name for block in blocks for name in block)
    values = {name: [block.get(name) for block in blocks] for name in names}
    return {name: UNKNOWN if UNKNOWN in many else max(many, key=_count) for name, many in values.items()}
