"""Answers come in time, all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from smoke.conftest import LATENCY
from smoke.problem import Problem, require

if TYPE_CHECKING:
    from smoke.settings import Settings
    from smoke.site import Site

ENOUGH_FAILURES = 3


def test_answers_come_in_time(
    site: Site, settings: Settings, pytestconfig: pytest.Config, record_property: Callable[[str, object], None]
) -> None:
    """Of a number of requests none fails, and 95 % are answered within the limit."""
    from smoke.latency import Latency

    seconds: list[float] = []
    failures: Counter[str] = Counter()
    for _ in range(settings.requests):
        try:
            seconds.append(site.get().require_status(200).seconds)
        except Problem as problem:
            failures[problem.what] += 1
        if failures.total() == ENOUGH_FAILURES:
            break
    if seconds:
        latency = pytestconfig.stash[LATENCY] = Latency.of(seconds)
        for percent in (50, 95, 99):
            record_property(f"p{percent}_seconds", round(latency.percentile(percent), 4))
    if failures:
        asked = len(seconds) + failures.total()
        shown = ", ".join(f"{what} ({count} times)" if count > 1 else what for what, count in failures.items())
        raise Problem(site.url, f"failed {failures.total()} of {asked} requests: {shown}")
    p95 = latency.percentile(95)
    require(p95 <= settings.p95, site.url, f"answers too slowly: p95 is {p95:.2f} s, above {settings.p95:g} s")
