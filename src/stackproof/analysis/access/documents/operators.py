"""The names of condition operators, such as ForAllValues:StringLikeIfExists, and what is in them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass
from enum import StrEnum


class Quantifier(StrEnum):
    """Over which of a key's values an operator goes; over the only one where there is none."""

    NONE = ""
    ALL = "ForAllValues"
    ANY = "ForAnyValue"


@dataclass(frozen=True)
class Operator:
    """An operator: `comparison` names what is compared and how, without the negation that `negated` tells."""

    comparison: str
    negated: bool = False
    quantifier: Quantifier = Quantifier.NONE
    if_exists: bool = False


_ORDERS = ("Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")

COMPARISONS = (
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    *(f"Numeric{order}" for order in _ORDERS),
    *(f"Date{order}" for order in _ORDERS),
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "ArnEquals",
    "ArnLike",
    "Null",
)
"""What operators compare, each without negation."""

_NEGATIONS = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
_PLAIN = {name.lower(): (name, False) for name in COMPARISONS} | {
    name.lower(): (comparison, True) for name, comparison in _NEGATIONS.items()
}
_QUANTIFIERS = {quantifier.lower(): quantifier for quantifier in (Quantifier.ALL, Quantifier.ANY)}


@functools.lru_cache(maxsize=1024)
def parse_operator(text: str) -> Operator | None:
    """The operator of that name, in whatever case; None where there is none."""
    prefix, _, rest = text.lower().rpartition(":")
    if prefix and prefix not in _QUANTIFIERS:
        return None
    base = rest.removesuffix("ifexists")
    if base not in _PLAIN:
        return None
    comparison, is_negated = _PLAIN[base]
    if comparison == "Null" and (base != rest or prefix):
        return None
    return Operator(comparison, is_negated, _QUANTIFIERS.get(prefix, Quantifier.NONE), if_exists=base != rest)


def similar_operators(text: str) -> list[str]:
    """Operators with names like that text."""
    return difflib.get_close_matches(text, [*COMPARISONS, *_NEGATIONS], n=3)
