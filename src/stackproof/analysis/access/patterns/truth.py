"""Three-valued logic: what is true, false, or either, by what nobody knows yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Maybe:
    """Neither true nor false; `reason` says what it depends on."""

    reason: str

    def __bool__(self) -> bool:
        raise TypeError(f"whether it is true depends: {self.reason}")


Truth = bool | Maybe


def every(truths: Iterable[Truth]) -> Truth:
    """Whether all are true: one false decides it, else the first that may be either; true where there are none."""
    maybe: Maybe | None = None
    for truth in truths:
        if truth is False:
            return False
        if isinstance(truth, Maybe) and maybe is None:
            maybe = truth
    return True if maybe is None else maybe


def some(truths: Iterable[Truth]) -> Truth:
    """Whether one is true: one true decides it, else the first that may be either; false where there are none."""
    maybe: Maybe | None = None
    for truth in truths:
        if truth is True:
            return True
        if isinstance(truth, Maybe) and maybe is None:
            maybe = truth
    return False if maybe is None else maybe


def negated(truth: Truth) -> Truth:
    """The opposite of what is known."""
    return truth if isinstance(truth, Maybe) else not truth
