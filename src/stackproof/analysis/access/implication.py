"""Whether conditions imply others: whatever request meets these meets those, too.

Decided by meaning, for one operator on one key against another on the same key, where both compare texts, ARNs,
numbers, dates, addresses, bools or presence. What needs two conditions together, values with policy variables and sets
of different kinds are not decided; those answers are None. The meaning of the operators is that of
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from stackproof.analysis.access import globs
from stackproof.analysis.access.documents import Condition
from stackproof.analysis.access.operators import Operator, Quantifier, parse_operator
from stackproof.analysis.access.variables import literal

_Values = tuple[str, ...]

ARN_PARTS = 6


def implies(given: Sequence[Condition], wanted: Iterable[Condition]) -> bool | None:
    """Whether all of `given` together imply all of `wanted`; None where that is not decided."""
    answer: bool | None = True
    for condition in wanted:
        found = [_implies(other, condition) for other in given]
        if any(found):
            continue
        if None not in found:
            return False
        answer = None
    return answer


def contradict(one: Iterable[Condition], other: Sequence[Condition]) -> bool:
    """Whether no request can meet both, as far as that is decided."""
    return any(_contradicts(left, right) for left in one for right in other)


def _implies(given: Condition, wanted: Condition) -> bool | None:
    if given.key.lower() != wanted.key.lower():
        return False
    one, other = parse_operator(given.operator), parse_operator(wanted.operator)
    have, need = _texts(given), _texts(wanted)
    if one is None or other is None or have is None or need is None:
        return None
    if one == other and set(have) == set(need):
        return True
    if other.comparison == "Null":
        # whatever compares a value needs one
        is_present = one.comparison != "Null" and not _holds_without(one)
        return True if is_present and set(need) == {"false"} else False if one.comparison == "Null" else None
    if one.comparison == "Null":
        return True if set(have) == {"true"} and _holds_without(other) else None
    if _holds_without(one) and not _holds_without(other):
        return False
    if any("${" in text for text in (*have, *need)):
        return None
    if one.quantifier is not other.quantifier:
        return None
    answer = _compared(one, have, other, need)
    # with several values in a request, only set inclusion says something about each of them
    return answer if answer or one.quantifier is Quantifier.NONE else None


def _compared(one: Operator, have: _Values, other: Operator, need: _Values) -> bool | None:
    family = _FAMILIES.get(one.comparison)
    if family is None or family is not _FAMILIES.get(other.comparison):
        return None
    return family(one, have, other, need)


def _holds_without(operator: Operator) -> bool:
    """Whether it holds for a request that does not have the key."""
    if operator.if_exists or operator.quantifier is Quantifier.ALL:
        return True
    return operator.negated and operator.quantifier is Quantifier.NONE


def _strings(one: Operator, have: _Values, other: Operator, need: _Values) -> bool | None:
    loose = "StringEqualsIgnoreCase"
    if (one.comparison == loose) != (other.comparison == loose) and (one.comparison == loose or one.negated):
        # equal in any case is more than equal, and so is unequal more than unequal in every case
        return None
    lowered = other.comparison == loose
    mine, theirs = _patterns(one, have, lowered=lowered), _patterns(other, need, lowered=lowered)
    return _by_inclusion(one, mine, other, theirs, globs.includes, globs.overlaps)


def _arns(one: Operator, have: _Values, other: Operator, need: _Values) -> bool | None:
    return _by_inclusion(one, have, other, need, _arn_in, _arns_overlap)


def _by_inclusion(
    one: Operator,
    have: _Values,
    other: Operator,
    need: _Values,
    includes: Callable[[Sequence[str], str], bool],
    overlap: Callable[[str, str], bool],
) -> bool | None:
    if not one.negated and not other.negated:
        return all(includes(need, value) for value in have)
    if one.negated and other.negated:
        return all(includes(have, value) for value in need)
    if not one.negated:
        return not any(overlap(value, excluded) for value in have for excluded in need)
    return False


def _arn_in(wide: Sequence[str], narrow: str) -> bool:
    parts = narrow.split(":", ARN_PARTS - 1)
    return any(
        len(other) == len(parts) and all(globs.includes([b], a) for a, b in zip(parts, other, strict=True))
        for other in (pattern.split(":", ARN_PARTS - 1) for pattern in wide)
    )


def _arns_overlap(one: str, other: str) -> bool:
    mine, theirs = one.split(":", ARN_PARTS - 1), other.split(":", ARN_PARTS - 1)
    return len(mine) == len(theirs) and all(globs.overlaps(a, b) for a, b in zip(mine, theirs, strict=True))


def _bools(one: Operator, have: _Values, other: Operator, need: _Values) -> bool | None:
    del one, other
    return {value.lower() for value in have} <= {value.lower() for value in need}


def _numbers(one: Operator, have: _Values, other: Operator, need: _Values) -> bool | None:
    return _ordered(one, [_number(v) for v in have], other, [_number(v) for v in need])


def _dates(one: Operator, have: _Values, other: Operator, need: _Values) -> bool | None:
    return _ordered(one, [_date(v) for v in have], other, [_date(v) for v in need])


def _ordered(one: Operator, have: list[Decimal | None], other: Operator, need: list[Decimal | None]) -> bool | None:
    if len(have) != 1 or len(need) != 1 or have[0] is None or need[0] is None or one.negated or other.negated:
        return None
    value, bound = have[0], need[0]
    mine, theirs = _order(one), _order(other)
    if mine == "Equals":
        return {
            "Equals": value == bound,
            "LessThan": value < bound,
            "LessThanEquals": value <= bound,
            "GreaterThan": value > bound,
            "GreaterThanEquals": value >= bound,
        }[theirs]
    if theirs == "Equals" or mine[:4] != theirs[:4]:
        return False
    is_less = mine.startswith("Less")
    if mine.endswith("Equals") and not theirs.endswith("Equals"):
        return value < bound if is_less else value > bound
    return value <= bound if is_less else value >= bound


def _addresses(one: Operator, have: _Values, other: Operator, need: _Values) -> bool | None:
    mine, theirs = [_network(v) for v in have], [_network(v) for v in need]
    if None in mine or None in theirs:
        return None
    inner, outer = (theirs, mine) if one.negated else (mine, theirs)
    if one.negated is not other.negated:
        if one.negated:
            return False
        return not any(_meet(a, b) for a in mine for b in theirs)
    return all(any(_within(a, b) for b in outer) for a in inner)


_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _within(inner: _Network | None, outer: _Network | None) -> bool:
    if isinstance(inner, ipaddress.IPv4Network) and isinstance(outer, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, ipaddress.IPv6Network) and isinstance(outer, ipaddress.IPv6Network):
        return inner.subnet_of(outer)
    return False


def _meet(one: _Network | None, other: _Network | None) -> bool:
    return one is not None and other is not None and one.version == other.version and one.overlaps(other)


_Family = Callable[[Operator, _Values, Operator, _Values], bool | None]
_FAMILIES: dict[str, _Family] = {
    "StringEquals": _strings,
    "StringEqualsIgnoreCase": _strings,
    "StringLike": _strings,
    "ArnEquals": _arns,
    "ArnLike": _arns,
    "Bool": _bools,
    "IpAddress": _addresses,
    **{f"Numeric{o}": _numbers for o in ("Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")},
    **{f"Date{o}": _dates for o in ("Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")},
}


def _contradicts(one: Condition, other: Condition) -> bool:
    """Whether two conditions on a key, which both need it and compare single values, have none in common."""
    if one.key.lower() != other.key.lower():
        return False
    left, right = parse_operator(one.operator), parse_operator(other.operator)
    mine, theirs = _texts(one), _texts(other)
    if left is None or right is None or mine is None or theirs is None:
        return False
    if any(op.negated or op.if_exists or op.quantifier is not Quantifier.NONE for op in (left, right)):
        return False
    if any("${" in text for text in (*mine, *theirs)):
        return False
    family = _FAMILIES.get(left.comparison)
    if family is None or family is not _FAMILIES.get(right.comparison):
        return False
    if family is _bools:
        return not {v.lower() for v in mine} & {v.lower() for v in theirs}
    if family is _strings:
        ours, others = _patterns(left, mine, lowered=True), _patterns(right, theirs, lowered=True)
        return not any(globs.overlaps(a, b) for a in ours for b in others)
    if family is _arns:
        return not any(_arns_overlap(a, b) for a in mine for b in theirs)
    if family is _addresses:
        return not any(_meet(_network(a), _network(b)) for a in mine for b in theirs)
    return False


def _patterns(operator: Operator, values: _Values, *, lowered: bool) -> _Values:
    texts = values if operator.comparison == "StringLike" else tuple(literal(value) for value in values)
    return tuple(text.lower() for text in texts) if lowered else texts


def _texts(condition: Condition) -> _Values | None:
    return (
        tuple(v for v in condition.values if isinstance(v, str))
        if all(isinstance(v, str) for v in condition.values)
        else None
    )


def _order(operator: Operator) -> str:
    return operator.comparison.removeprefix("Numeric").removeprefix("Date")


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _date(text: str) -> Decimal | None:
    if text.isdigit():
        return Decimal(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return Decimal(str(moment.timestamp())) if moment.tzinfo else None


def _network(text: str) -> _Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
