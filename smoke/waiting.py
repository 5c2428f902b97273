"""Waiting for a deployment to settle, with an end that all tests of a run share."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from smoke.problem import Problem

T = TypeVar("T")


class Deadline:
    """The moment, `seconds` from now, after which nothing is waited for any more, and each question is asked once."""

    def __init__(self, seconds: float, *, pause: float = 2.0) -> None:
        self._end = time.monotonic() + seconds
        self._pause = min(pause, max(seconds / 10, 0.05))

    def until(self, attempt: Callable[[], T]) -> T:
        """What `attempt` returns as soon as it raises no Problem.

        Raises the last Problem with how long it lasted: at once where it is final, else at the end.
        """
        began = time.monotonic()
        met: dict[str, int] = {}
        while True:
            try:
                return attempt()
            except Problem as problem:
                met[problem.what] = met.get(problem.what, 0) + 1
                if problem.final or time.monotonic() + self._pause > self._end:
                    raise _summed_up(problem, met, time.monotonic() - began) from None
            time.sleep(self._pause)


def _summed_up(last: Problem, met: dict[str, int], seconds: float) -> Problem:
    if sum(met.values()) == 1:
        return last
    if len(met) == 1:
        what = f"{last.what} for {seconds:.0f} s"
    else:
        times = ", ".join(f"{what} ({count} times)" if count > 1 else what for what, count in met.items())
        what = f"did not settle in {seconds:.0f} s: {times}"
    return Problem(last.subject, what, detail=last.detail, final=last.final)
