"""What Terraform's functions pass on: which elements of their arguments the elements of their result are.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from stackproof.plan.provenance import Link
from stackproof.plan.references.evaluation import Evaluation
from stackproof.plan.references.expressions import Access, Call, Expression, Nth, Step, Wild
from stackproof.plan.references.found import Found, either, union
from stackproof.plan.references.instances import UNKNOWN
from stackproof.plan.references.scopes import Scope

_KEEPS_ALL = frozenset(
    ("base64encode", "cidrsubnet", "format", "formatlist", "join", "jsonencode", "setproduct", "setunion", "yamlencode")
)
"""Functions in whose result every argument is to be found again."""

_SELECTS = frozenset(("matchkeys", "max", "min", "setintersection", "setsubtract"))
"""Functions that can leave out even the only attribute among their arguments."""

_MAKES_UP = frozenset(("bcrypt", "plantimestamp", "timestamp", "uuid"))
"""Functions whose result is another one every time, and is fed by nothing."""

_Steps = tuple[Step, ...]


class Tracing(Protocol):
    """What functions need of a tracer."""

    evaluation: Evaluation

    def trace(self, expression: Expression, steps: _Steps, scope: Scope) -> Found:
        """What feeds a part of an expression's value."""

    def parts(self, expressions: tuple[Expression, ...], scope: Scope) -> Found:
        """What feeds a value into which all these go."""


def trace_call(tracer: Tracing, call: Call, steps: _Steps, scope: Scope) -> Found:
    """What feeds the part of a function's result to which the steps lead."""
    if call.function in _MAKES_UP:
        return Found({Link("function", f"{call.function}()"): ()})
    arguments = list(call.arguments)
    if call.spread:
        arguments[-1] = Access(arguments[-1], (Wild.EVERY,))
    passing = _FUNCTIONS.get(call.function)
    if passing is None or not arguments:
        found = tracer.parts(tuple(arguments), scope)
        if call.function in _KEEPS_ALL or (len(found.feeds) < 2 and call.function not in _SELECTS):
            return found
        return found.doubting(f"what {call.function} takes from its arguments is not known")
    return passing(_Call(tracer, call, arguments, scope), steps)


class _Call:
    """A call that is being traced."""

    def __init__(self, tracer: Tracing, call: Call, arguments: Sequence[Expression], scope: Scope) -> None:
        self.tracer = tracer
        self.call = call
        self.arguments = arguments
        self.scope = scope

    def trace(self, number: int, steps: _Steps) -> Found:
        return self.tracer.trace(self.arguments[number], steps, self.scope)

    def value(self, number: int) -> object:
        return self.tracer.evaluation.value(self.arguments[number], self.scope)

    def either(self, found: Sequence[Found]) -> Found:
        return either(found, f"which argument {self.call.function} takes is not known")


def _same(call: _Call, steps: _Steps) -> Found:
    return call.trace(0, steps)


def _reordered(call: _Call, steps: _Steps) -> Found:
    """The same elements in another order, or without their order."""
    first = steps[0] if steps else Wild.EVERY
    if call.call.function == "toset" and first is Wild.KEYS:
        return call.trace(0, (Wild.EVERY,))
    if isinstance(first, str):
        # the element of a set
        value = call.value(0)
        first = value.index(first) if isinstance(value, list) and first in value else Wild.SOME
    elif isinstance(first, int | Nth):
        first = Wild.SOME
    return call.trace(0, (first, *steps[1:]))


def _one(call: _Call, steps: _Steps) -> Found:
    return call.trace(0, (Wild.EVERY, *steps))


def _first_that_exists(call: _Call, steps: _Steps) -> Found:
    found = []
    for number, argument in enumerate(call.arguments):
        if call.tracer.evaluation.fails(argument, call.scope):
            continue
        found.append(call.trace(number, steps))
        if call.tracer.evaluation.exists(argument, call.scope):
            break
    return call.either(found)


def _first_that_is_set(call: _Call, steps: _Steps) -> Found:
    found = []
    for number in range(len(call.arguments)):
        value = call.value(number)
        if value is None or value in ("", []):
            continue
        found.append(call.trace(number, steps))
        if value is not UNKNOWN:
            break
    return call.either(found)


def _element(call: _Call, steps: _Steps) -> Found:
    number = call.tracer.evaluation.step(call.arguments[1], call.scope)
    return call.trace(0, (Nth(number) if isinstance(number, int) else Wild.SOME, *steps))


def _lookup(call: _Call, steps: _Steps) -> Found:
    key = call.tracer.evaluation.step(call.arguments[1], call.scope)
    value = call.value(0)
    found = [call.trace(0, (key, *steps))]
    if len(call.arguments) > 2 and not (isinstance(value, dict) and key in value):
        found.append(call.trace(2, steps))
    return call.either(found)


def _merge(call: _Call, steps: _Steps) -> Found:
    found: list[Found] = []
    key = steps[0] if steps else Wild.EVERY
    for number in reversed(range(len(call.arguments))):
        value = call.value(number)
        if isinstance(key, str) and isinstance(value, dict) and not call.call.spread:
            if key not in value:
                continue
            found.append(call.trace(number, steps))
            break
        found.append(call.trace(number, steps))
    if call.call.spread:
        return union(found).doubting("which of the maps merge takes it from is not known")
    return union(found) if key is Wild.EVERY and _are_disjoint(call) else call.either(found)


def _are_disjoint(call: _Call) -> bool:
    """Whether no argument of `merge` can override what another has."""
    maps = [call.value(number) for number in range(len(call.arguments))]
    keys = [key for given in maps if isinstance(given, dict) for key in given]
    return len(set(keys)) == len(keys) and all(given is None or isinstance(given, dict) for given in maps)


def _concat(call: _Call, steps: _Steps) -> Found:
    first = steps[0] if steps else Wild.EVERY
    found: list[Found] = []
    for number in range(len(call.arguments)):
        value = call.value(number)
        if isinstance(first, int) and isinstance(value, list) and not call.call.spread:
            if first < len(value):
                return call.either([*found, call.trace(number, (first, *steps[1:]))])
            first -= len(value)
            continue
        if isinstance(first, int | Nth):
            first = Wild.SOME
        found.append(call.trace(number, (first, *steps[1:]) if steps else ()))
    return union(found) if first is Wild.EVERY else call.either(found)


def _slice(call: _Call, steps: _Steps) -> Found:
    start, end = (call.tracer.evaluation.step(argument, call.scope) for argument in call.arguments[1:])
    first, rest = (steps[0], steps[1:]) if steps else (Wild.EVERY, ())
    if isinstance(start, int) and isinstance(end, int) and first is not Wild.KEYS:
        numbers = range(start, end)
        if isinstance(first, int) and first < len(numbers):
            return call.trace(0, (numbers[first], *rest))
        found = [call.trace(0, (number, *rest)) for number in numbers]
        return union(found) if first is Wild.EVERY else call.either(found)
    return call.trace(0, (first if first is Wild.KEYS else Wild.SOME, *rest))


def _flatten(call: _Call, steps: _Steps) -> Found:
    found = call.trace(0, ())
    whole = not steps or steps == (Wild.EVERY,)
    return found if whole else found.doubting("which element of a flattened list it is, is not known")


def _values(call: _Call, steps: _Steps) -> Found:
    first = steps[0] if steps else Wild.EVERY
    if isinstance(first, int | Nth):
        value = call.value(0)
        keys = sorted(value) if isinstance(value, dict) else []
        number = first.number if isinstance(first, Nth) else first
        first = keys[number % len(keys)] if keys else Wild.SOME
    return call.trace(0, (first, *steps[1:]))


def _keys(call: _Call, steps: _Steps) -> Found:  # noqa: ARG001
    return call.trace(0, (Wild.KEYS,))


_FUNCTIONS: dict[str, Callable[[_Call, _Steps], Found]] = {
    "coalesce": _first_that_is_set,
    "coalescelist": _first_that_is_set,
    "compact": _reordered,
    "concat": _concat,
    "distinct": _reordered,
    "element": _element,
    "flatten": _flatten,
    "keys": _keys,
    "lookup": _lookup,
    "merge": _merge,
    "nonsensitive": _same,
    "one": _one,
    "reverse": _reordered,
    "sensitive": _same,
    "slice": _slice,
    "sort": _reordered,
    "tolist": _reordered,
    "tomap": _same,
    "tostring": _same,
    "toset": _reordered,
    "try": _first_that_exists,
    "values": _values,
}
