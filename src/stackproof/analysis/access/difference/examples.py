"""Values that a condition key could have in a request: at least one for every way in which conditions can answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from stackproof.analysis.access.comparison import samples
from stackproof.analysis.access.documents.documents import Condition
from stackproof.analysis.access.documents.operators import Operator, Quantifier, parse_operator
from stackproof.analysis.access.evaluation.context import Given
from stackproof.analysis.access.patterns import globs

_VARIABLE = re.compile(r"\$\{[^{}]*\}")
_OTHERS = ("example", "arn:aws:sns:eu-west-1:444455556666:example")
"""What no condition is likely to name."""

_MOST = 12


def values_of(conditions: Sequence[Condition]) -> list[Given]:
    """Values for the key of these conditions, which is one; None, for a request without it, is the first."""
    found: dict[str, None] = {}
    several = False
    for condition in conditions:
        operator = parse_operator(condition.operator)
        if operator is None:
            continue
        several = several or operator.quantifier is not Quantifier.NONE
        texts = [value for value in condition.values if isinstance(value, str)]
        found.update(dict.fromkeys(_of(operator, texts, list(_all_texts(conditions)))))
    values: list[Given] = [None, *list(found)[:_MOST]]
    if several:
        values += [[one, other] for one, other in zip(list(found), list(found)[1:], strict=False)]
    return values


def _all_texts(conditions: Iterable[Condition]) -> Iterator[str]:
    for condition in conditions:
        yield from (_VARIABLE.sub("*", value) for value in condition.values if isinstance(value, str))


def _of(operator: Operator, texts: Sequence[str], known: Sequence[str]) -> Iterator[str]:
    if operator.comparison in ("Bool", "Null"):
        yield from ("true", "false")
        return
    sampled = samples.around(operator, texts)
    if sampled is not None:
        yield from sampled
        return
    for text in texts:
        pattern = _VARIABLE.sub("*", text)
        others = [other for other in known if other != pattern]
        for example in (globs.witness(pattern, others), globs.witness(pattern)):
            if example is not None:
                yield example
        if operator.comparison == "StringEqualsIgnoreCase":
            yield text.swapcase()
    yield from _OTHERS
