"""Terraform's operators and its functions over collections, on values in which parts may be unknown.

A set of texts is a dict of each text to itself, as a `for_each` takes it. What could depend on an unknown part is
UNKNOWN: https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from stackproof.plan.references.instances import UNKNOWN

_Value = Any


def call(function: str, arguments: list[_Value]) -> _Value:
    """What a function makes of its arguments; UNKNOWN where it cannot be told or is not one of those known here."""
    if function == "try":
        return arguments[0]
    if function == "coalesce":
        return next((value for value in arguments if value is UNKNOWN or value not in (None, "")), UNKNOWN)
    known = _FUNCTIONS.get(function)
    if known is None or any(value is UNKNOWN for value in arguments):
        return UNKNOWN
    try:
        return known(*arguments)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, ZeroDivisionError):
        return UNKNOWN


def as_bool(value: _Value) -> bool | None:
    """A condition's value; None where it is not known."""
    return {"true": True, "false": False}.get(str(value).lower()) if isinstance(value, bool | str) else None


def joined(parts: list[_Value]) -> _Value:
    """The text of a template's parts."""
    if not all(isinstance(part, str | int) for part in parts):
        return UNKNOWN
    return "".join(str(part).lower() if isinstance(part, bool) else str(part) for part in parts)


def operate(operator: str, operands: list[_Value]) -> _Value:
    """What an operator makes of its operands."""
    if operator in ("&&", "||"):
        decided = [as_bool(operand) for operand in operands]
        stop = operator == "||"
        return stop if stop in decided else UNKNOWN if None in decided else not stop
    if operator in ("==", "!="):
        answer = same(*operands)
        return answer if answer is UNKNOWN else answer is (operator == "==")
    if operator == "!":
        decided_one = as_bool(operands[0])
        return UNKNOWN if decided_one is None else not decided_one
    if not all(isinstance(operand, int | float) and not isinstance(operand, bool) for operand in operands):
        return UNKNOWN
    try:
        return _ARITHMETIC[operator, len(operands)](*operands)
    except ZeroDivisionError:
        return UNKNOWN


def holds_unknown(value: _Value) -> bool:
    """Whether a part of a value is unknown."""
    if isinstance(value, dict):
        return any(map(holds_unknown, value.values()))
    if isinstance(value, list):
        return any(map(holds_unknown, value))
    return value is UNKNOWN


def same(left: _Value, right: _Value) -> _Value:
    """Whether two values are equal, as `==` has it; UNKNOWN where that depends on an unknown or converted part."""
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if left is None or right is None:
        return left is right
    numbers = all(isinstance(side, int | float) and not isinstance(side, bool) for side in (left, right))
    if holds_unknown(left) or holds_unknown(right) or not (numbers or type(left) is type(right)):
        return UNKNOWN
    return left == right


def _contains(collection: list[_Value] | dict[str, _Value], wanted: _Value) -> _Value:
    answers = [same(item, wanted) for item in _items(collection)]
    return True if True in answers else UNKNOWN if any(answer is UNKNOWN for answer in answers) else False


def _items(collection: _Value) -> list[_Value]:
    if isinstance(collection, dict):
        return [collection[key] for key in sorted(collection)]
    return list(collection) if isinstance(collection, list) else _refuse()


def _known(collection: _Value) -> list[_Value]:
    items = _items(collection)
    return _refuse() if holds_unknown(items) else items


def _toset(collection: _Value) -> _Value:
    items = _known(collection)
    return {item: item for item in sorted(items)} if all(isinstance(item, str) for item in items) else UNKNOWN


def _flatten(items: _Value) -> list[_Value]:
    if any(item is UNKNOWN for item in items):
        return _refuse()
    return [inner for item in items for inner in (_flatten(item) if isinstance(item, list) else [item])]


def _merge(*maps: _Value) -> dict[str, _Value]:
    return {key: value for given in maps if given is not None for key, value in given.items()}


def _distinct(collection: _Value) -> list[_Value]:
    return list(dict.fromkeys(_known(collection)))


def _one(collection: _Value) -> _Value:
    items = _items(collection)
    return items[0] if len(items) == 1 else None if not items else UNKNOWN


def _lookup(given: dict[str, _Value], key: str, *_: _Value) -> _Value:
    # a key that is missing here may have a default in the type of a variable on the way
    return given[key]


def _refuse() -> NoReturn:
    raise ValueError


_FUNCTIONS: dict[str, Callable[..., _Value]] = {
    "compact": lambda items: [item for item in _known(items) if item not in (None, "")],
    "concat": lambda *lists: [item for given in lists for item in _items(given)],
    "contains": _contains,
    "distinct": _distinct,
    "element": lambda items, number: _items(items)[number % len(items)],
    "flatten": _flatten,
    "join": lambda separator, items: separator.join(_known(items)),
    "keys": lambda given: sorted(given.keys()),
    "length": lambda given: len(given) if isinstance(given, list | dict | str) else UNKNOWN,
    "lookup": _lookup,
    "lower": lambda text: text.lower(),
    "merge": _merge,
    "one": _one,
    "range": lambda end: list(range(end)),
    "slice": lambda items, start, end: _items(items)[start:end],
    "sort": lambda items: sorted(_known(items)),
    "tolist": _items,
    "tomap": lambda given: dict(given.items()),
    "toset": _toset,
    "upper": lambda text: text.upper(),
    "values": lambda given: [given[key] for key in sorted(given.keys())],
    "zipmap": lambda keys, values: dict(zip(_known(keys), _items(values), strict=True)),
}

_ARITHMETIC: dict[tuple[str, int], Callable[..., _Value]] = {
    ("-", 1): lambda number: -number,
    ("+", 2): lambda left, right: left + right,
    ("-", 2): lambda left, right: left - right,
    ("*", 2): lambda left, right: left * right,
    ("/", 2): lambda left, right: left / right,
    ("%", 2): lambda left, right: left % right if left >= 0 and right > 0 else UNKNOWN,
    ("<", 2): lambda left, right: left < right,
    (">", 2): lambda left, right: left > right,
    ("<=", 2): lambda left, right: left <= right,
    (">=", 2): lambda left, right: left >= right,
}
