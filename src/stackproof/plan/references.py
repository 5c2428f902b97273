"""Placeholder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.plan.paths import Step
from stackproof.plan.provenance import Way
from stackproof.plan.source import Sources
from stackproof.plan.wiring import Wiring


class References:
    """Placeholder."""

    def __init__(self, document: Mapping[str, Any], sources: Sources | None) -> None:
        self._document = document

    def wiring(self, address: str, steps: tuple[Step, ...]) -> Wiring:
        """Placeholder."""
        return Wiring((), exact=False, reason="no references")

    def chain(self, address: str, steps: tuple[Step, ...]) -> tuple[Way, ...]:
        """Placeholder."""
        return ()
