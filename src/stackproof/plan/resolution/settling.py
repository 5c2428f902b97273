"""Settles the unknown values of one resource or output by what Terraform evaluated, as far as that can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.plan.paths import Step
from stackproof.plan.resolution.agreement import partners
from stackproof.plan.resolution.tokens import Tokens
from stackproof.plan.resolution.trust import Trust
from stackproof.plan.values import is_marked

_Data = Any
_Steps = tuple[Step, ...]


class Settling:
    """For the resource or output at an address."""

    def __init__(self, address: str, tokens: Tokens, trust: Trust) -> None:
        self._address = address
        self._tokens = tokens
        self._trust = trust

    def attributes(
        self, known: Mapping[str, _Data] | None, unknown: Mapping[str, _Data], made: Mapping[str, _Data]
    ) -> tuple[dict[str, _Data], dict[str, _Data]]:
        """The values of all attributes, and the marks of what is unknown still."""
        settled, left = dict(known or {}), {}
        for name, flags in unknown.items():
            if is_marked(flags):
                settled[name], left[name] = self.value(settled.get(name), flags, made.get(name), (name,))
        return settled, left

    def value(self, known: _Data, unknown: _Data, made: _Data, steps: _Steps = ()) -> tuple[_Data, _Data]:
        """The value at the steps, and the marks of what is unknown in it still."""
        if unknown is True:
            return (made, None) if self._is_told(made, steps) else (known, True)
        if isinstance(unknown, dict):
            before = known if isinstance(known, dict) else {}
            inner = made if isinstance(made, dict) else {}
            pairs = {
                key: self.value(before.get(key), unknown.get(key), inner.get(key), (*steps, key))
                for key in {**before, **unknown}
            }
            return {key: pair[0] for key, pair in pairs.items()}, {key: pair[1] for key, pair in pairs.items()}
        if isinstance(unknown, list) and isinstance(known, list):
            flags = [*unknown, *[None] * (len(known) - len(unknown))]
            found = partners(known, flags, made if isinstance(made, list) else [])
            trios = enumerate(zip(known, flags, found, strict=False))
            items = [self.value(*trio, (*steps, number)) for number, trio in trios]
            return [item[0] for item in items], [item[1] for item in items]
        return known, unknown

    def _is_told(self, made: _Data, steps: _Steps) -> bool:
        if made is None or not self._trust.deserves(self._address, steps, made):
            return False
        tokens = self._tokens.in_value(made)
        if tokens:
            # of what a provider decides for itself, such as a mode, nothing is known by its token
            return any(token.is_identity or token.feed.address != self._address for token in tokens)
        return self._trust.is_computed_from_arguments(self._address, steps, made)
