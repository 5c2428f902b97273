"""Whether the conditions of a statement hold for a request.

The rules are those of
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
and, for keys with several values,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

import base64
import binascii
import functools
import ipaddress
import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from stackproof.analysis.access.documents.documents import Condition, Text
from stackproof.analysis.access.documents.operators import Operator, Quantifier, parse_operator
from stackproof.analysis.access.evaluation.context import Context
from stackproof.analysis.access.evaluation.variables import expand, literal
from stackproof.analysis.access.patterns import globs
from stackproof.analysis.access.patterns.truth import Maybe, Truth, every, negated, some
from stackproof.plan.values import Unknown

_WITH_VARIABLES = ("String", "Arn", "Bool")

_ARN_PARTS = 6


def hold(conditions: Iterable[Condition], context: Context, *, variables: bool = True) -> Truth:
    """Whether all conditions hold; `variables` are replaced but in documents of the old version."""
    return every(holds(condition, context, variables=variables) for condition in conditions)


def holds(condition: Condition, context: Context, *, variables: bool = True) -> Truth:
    """Whether one condition holds: true, false, or Maybe with the key that decides it."""
    parsed = parse_operator(condition.operator)
    if parsed is None:
        return Maybe("its conditions are known after apply")
    values = context.values(condition.key)
    if parsed.comparison == "Null":
        return _is_null(condition, values)
    if isinstance(values, Maybe):
        return values
    if not values:
        return _without_key(parsed)
    if parsed.quantifier is Quantifier.NONE and len(values) > 1:
        return Maybe(f"{condition.key} has several values, and {condition.operator} is for one")
    truths = (_matches(parsed, condition, value, context, variables=variables) for value in values)
    return some(truths) if parsed.quantifier is Quantifier.ANY else every(truths)


def _without_key(parsed: Operator) -> bool:
    """What an operator says of a request that does not have the key."""
    if parsed.if_exists or parsed.quantifier is Quantifier.ALL:
        return True
    return parsed.negated and parsed.quantifier is Quantifier.NONE


def _is_null(condition: Condition, values: tuple[str, ...] | Maybe) -> Truth:
    if isinstance(values, Maybe):
        return values
    return some(
        _unknown(text) if isinstance(text, Unknown) else (text.lower() == "true") == (not values)
        for text in condition.values
    )


def _matches(parsed: Operator, condition: Condition, value: str, context: Context, *, variables: bool) -> Truth:
    """Whether one value of the request matches one in the condition, or none of them for a negated operator."""
    enabled = variables and parsed.comparison.startswith(_WITH_VARIABLES)
    truth = some(_compared(parsed, text, value, context, enabled=enabled) for text in condition.values)
    return negated(truth) if parsed.negated else truth


def _compared(parsed: Operator, text: Text, value: str, context: Context, *, enabled: bool) -> Truth:
    if isinstance(text, Unknown):
        return _unknown(text)
    compare = _COMPARISONS[parsed.comparison]
    pattern = expand(text, context, enabled=enabled, wildcards=parsed.comparison in _GLOBS)
    truth = compare(pattern.text, value)
    if pattern.doubt is None or truth is False:
        return truth
    # a variable without a value matches nothing, and whether a negation then holds is not said
    return False if pattern.broken and not parsed.negated else pattern.doubt


def _unknown(text: Unknown) -> Maybe:
    return Maybe(f"a value of its condition, {text.path} of {text.address}, is {text.reason}")


def _like(pattern: str, value: str) -> bool:
    return globs.matches(pattern, literal(value))


def _arn_like(pattern: str, value: str) -> Truth:
    """Part by part: a wildcard does not reach beyond the colon, but in the last part."""
    parts = pattern.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        return Maybe(f"{pattern!r} is not an ARN, so that nobody knows what it matches")
    others = value.split(":", _ARN_PARTS - 1)
    return len(others) == _ARN_PARTS and all(map(_like, parts, others))


def _numbers(compare: Callable[[Decimal, Decimal], bool]) -> Callable[[str, str], Truth]:
    def compared(text: str, value: str) -> Truth:
        try:
            return compare(Decimal(value), Decimal(text))
        except InvalidOperation:
            return Maybe(f"{text!r} and {value!r} are not both numbers")

    return compared


def _dates(compare: Callable[[datetime, datetime], bool]) -> Callable[[str, str], Truth]:
    def compared(text: str, value: str) -> Truth:
        try:
            return compare(_date(value), _date(text))
        except (ValueError, OverflowError):
            return Maybe(f"{text!r} and {value!r} are not both dates")

    return compared


@functools.lru_cache(maxsize=1024)
def _date(text: str) -> datetime:
    """A date of ISO 8601, or the seconds since 1970."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        date = datetime.fromisoformat(text)
        return date if date.tzinfo else date.replace(tzinfo=UTC)


def _is_in_range(text: str, value: str) -> Truth:
    try:
        network = ipaddress.ip_network(text, strict=False)
        asked = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return Maybe(f"{text!r} and {value!r} are not both IP addresses or ranges")
    if isinstance(network, ipaddress.IPv4Network) and isinstance(asked, ipaddress.IPv4Network):
        return asked.subnet_of(network) or (asked.overlaps(network) and Maybe(f"a part of {value} is in {text}"))
    if isinstance(network, ipaddress.IPv6Network) and isinstance(asked, ipaddress.IPv6Network):
        return asked.subnet_of(network) or (asked.overlaps(network) and Maybe(f"a part of {value} is in {text}"))
    return False


def _same_bytes(text: str, value: str) -> Truth:
    try:
        return base64.b64decode(text, validate=True) == base64.b64decode(value, validate=True)
    except binascii.Error:
        return Maybe(f"{text!r} and {value!r} are not both base64")


def _like_ignoring_case(pattern: str, value: str) -> bool:
    return _like(pattern.lower(), value.lower())


_ORDERS: Mapping[str, Callable[..., bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}

_GLOBS = ("StringLike", "ArnEquals", "ArnLike")

_COMPARISONS: Mapping[str, Callable[[str, str], Truth]] = {
    "StringEquals": _like,
    "StringEqualsIgnoreCase": _like_ignoring_case,
    "StringLike": _like,
    **{f"Numeric{name}": _numbers(compare) for name, compare in _ORDERS.items()},
    **{f"Date{name}": _dates(compare) for name, compare in _ORDERS.items()},
    "Bool": _like_ignoring_case,
    "BinaryEquals": _same_bytes,
    "IpAddress": _is_in_range,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
}
"""What each operator compares: a text of the policy with a value of the request."""
