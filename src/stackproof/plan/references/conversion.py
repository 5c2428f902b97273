"""What a variable's type makes of the value that it is given.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from typing import Any

from stackproof.plan.references.expressions import Call, Expression, Fields, Listing, Literal, Name
from stackproof.plan.references.functions import as_bool, call
from stackproof.plan.references.instances import UNKNOWN

_Value = Any


def converted(value: _Value, constraint: Expression | None) -> _Value:
    """The value as one of the type that an expression names; parts that cannot be told are UNKNOWN."""
    if value is UNKNOWN or value is None:
        return value
    match constraint:
        case Name("string"):
            return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int) else value
        case Name("bool"):
            decided = as_bool(value)
            return UNKNOWN if decided is None else decided
        case Name("number"):
            return int(value) if isinstance(value, str) and value.isdigit() else value
        case Call("optional", (inner, *_)):
            return converted(value, inner)
        case Call("list", (inner,)):
            return [converted(item, inner) for item in value] if isinstance(value, list) else UNKNOWN
        case Call("map", (inner,)):
            return {key: converted(item, inner) for key, item in value.items()} if isinstance(value, dict) else UNKNOWN
        case Call("set", (inner,)):
            return call("toset", [converted(value, Call("list", (inner,)))])
        case Call("object", (Fields(pairs),)):
            return {_name(key): _member(value, _name(key), inner) for key, inner in pairs}
        case Call("tuple", (Listing(items),)) if isinstance(value, list) and len(items) == len(value):
            return [converted(item, inner) for item, inner in zip(value, items, strict=True)]
    return value if constraint is None or isinstance(constraint, Name) else UNKNOWN


def _name(key: Expression) -> str:
    return str(key.value) if isinstance(key, Literal) else ""


def _member(value: _Value, name: str, constraint: Expression) -> _Value:
    if not isinstance(value, dict):
        return UNKNOWN
    if name in value and value[name] is not None:
        return converted(value[name], constraint)
    has_default = isinstance(constraint, Call) and len(constraint.arguments) > 1
    return UNKNOWN if has_default else None
