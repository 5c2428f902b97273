"""Policy variables such as ${aws:username}, in the texts of a policy.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stackproof.analysis.access.evaluation.context import Context
from stackproof.analysis.access.patterns.truth import Maybe

ESCAPES = {"*": "\ue000", "?": "\ue001", "$": "$"}
"""What stands for a character that means itself; no ARN and no key has these."""

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_LITERAL = str.maketrans({"*": ESCAPES["*"], "?": ESCAPES["?"]})


@dataclass(frozen=True)
class Pattern:
    """A glob. Where a `*` in it stands for a variable, `doubt` says for which; `broken` is one that has no value."""

    text: str
    doubt: Maybe | None = None
    broken: bool = False


def literal(text: str) -> str:
    """A text such that, matched with a pattern, its `*` and `?` mean themselves."""
    return text.translate(_LITERAL) if "*" in text or "?" in text else text


def expand(text: str, context: Context, *, enabled: bool, wildcards: bool = True) -> Pattern:
    """A text as a glob, its variables replaced by the values in a request, whose `*` and `?` mean themselves.

    Not `enabled` are they in documents of the old version, where they are ordinary text. Without `wildcards`, the
    text's own `*` and `?` mean themselves, too.
    """
    plain = _unchanged if wildcards else literal
    if not enabled or "${" not in text:
        return Pattern(plain(text))
    doubt: Maybe | None = None
    broken = False
    pieces: list[str] = []
    # names of variables stand between the other pieces
    for number, piece in enumerate(_VARIABLE.split(text)):
        if number % 2 == 0:
            pieces.append(plain(piece))
            continue
        value = _value(piece, context)
        if isinstance(value, str):
            pieces.append(value)
            continue
        pieces.append("*")
        if value is None:
            broken = True
            value = Maybe(f"the request has no single value for ${{{piece}}}")
        doubt = value
    return Pattern("".join(pieces), doubt, broken)


def _value(name: str, context: Context) -> str | Maybe | None:
    """What takes a variable's place; Maybe where that is not known, None where nothing does."""
    if name in ESCAPES:
        return ESCAPES[name]
    key, _, default = (part.strip() for part in name.partition(","))
    values = context.values(key)
    if isinstance(values, Maybe):
        return values
    if len(values) == 1:
        return literal(values[0])
    is_quoted = len(default) > 1 and default[0] == default[-1] == "'"
    return literal(default[1:-1]) if not values and is_quoted else None


def _unchanged(text: str) -> str:
    return text
