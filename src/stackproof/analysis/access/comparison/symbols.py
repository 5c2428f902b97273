"""Texts of policies as patterns that can be compared, whatever a request will put in the place of their variables."""

from __future__ import annotations

import functools
import itertools
import re

from stackproof.analysis.access.evaluation.variables import ESCAPES, literal
from stackproof.analysis.access.patterns.globs import PART, PART_ONE, SYMBOLS

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_IN_PART = str.maketrans({"*": PART, "?": PART_ONE})
_ARN_PARTS = 6

_ANY_SYMBOL = re.compile(f"[{chr(SYMBOLS.start)}-{chr(SYMBOLS.stop - 1)}]")

_NO_VARIABLE = "$\ue004{"
"""What stands for the sign of a variable where there are none: it is in no request."""

_numbers = itertools.count(SYMBOLS.start)
_names: dict[str, str] = {}


def pattern(text: str, *, wildcards: bool = True) -> str:
    """A text as a pattern for `globs`, in which every variable is a symbol, the same one for the same variable.

    Without `wildcards` the text's own `*` and `?` mean themselves.
    """
    if "${" not in text:
        return text if wildcards else literal(text)
    pieces = _VARIABLE.split(text)
    # names of variables stand between the other pieces
    pieces[1::2] = (ESCAPES.get(name) or _symbol(*_key(name)) for name in pieces[1::2])
    pieces[::2] = (piece if wildcards else literal(piece) for piece in pieces[::2])
    return "".join(pieces)


def arn_pattern(text: str) -> str | None:
    """The pattern of an ARN in a condition, whose wildcards do not reach beyond a colon but in the last part.

    None for what is no ARN.
    """
    parts = text.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        return None
    return ":".join([*(part.translate(_IN_PART) for part in parts[:-1]), parts[-1]])


def without_variables(text: str) -> str:
    """A text in which what looks like a variable is none."""
    return text.replace("${", _NO_VARIABLE)


def written(pattern: str) -> str:
    """A pattern as a policy has it."""
    shown = _ANY_SYMBOL.sub(lambda symbol: f"${{{_names[symbol[0]]}}}", pattern)
    return shown.replace(_NO_VARIABLE, "${").replace(ESCAPES["*"], "${*}").replace(ESCAPES["?"], "${?}")


def example(text: str) -> str:
    """A text in which something stands for every symbol."""
    return _ANY_SYMBOL.sub("example", text)


def _key(name: str) -> tuple[str, str]:
    key, _, default = name.partition(",")
    return key.strip().lower(), default.strip()


@functools.cache
def _symbol(key: str, default: str) -> str:
    symbol = chr(next(_numbers))
    _names[symbol] = f"{key}, {default}" if default else key
    return symbol
