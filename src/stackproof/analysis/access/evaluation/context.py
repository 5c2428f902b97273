"""What is known of a request besides who does what to which resource: its condition keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stackproof.analysis.access.patterns.truth import Maybe
from stackproof.errors import PlanError

Given = str | bool | int | float | Sequence[str | bool | int | float] | None
"""What a question says of a condition key; None: the request does not have it."""


class Context:
    """The condition keys of a request, in whatever case they are asked for.

    A key is given a value or several, or None where the request does not have it. A key that is not given at all may
    have any value or none, unless the context is `complete`: then the request has no other keys.
    """

    def __init__(self, given: Mapping[str, Given], *, complete: bool = False) -> None:
        """Raises PlanError for a value that no condition key can have."""
        self._values = {key.lower(): _texts(key, value) for key, value in given.items()}
        self._complete = complete

    def values(self, key: str) -> tuple[str, ...] | Maybe:
        """The texts of a key's values, none where the request does not have it; Maybe where that is not known."""
        known = self._values.get(key.lower())
        if known is not None:
            return known
        return () if self._complete else Maybe(f"it depends on {key}, which the question does not give")


def _texts(key: str, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    items = value if isinstance(value, list | tuple | set | frozenset) else (value,)
    return tuple(_text(key, item) for item in items)


def _text(key: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return str.__str__(value)
    raise PlanError(
        f"the condition key {key} cannot be {value!r}", remedy="give texts, numbers, true or false, or a list of them."
    )
