"""Which evaluated values can be taken for what an apply will make of them.

Tokens show themselves in what is made of them, unless it hides them: a hash, a count, a comparison. Such a value, and
all that is made of it, would be another one with the real ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from stackproof.plan.paths import Step, parse_path
from stackproof.plan.references import References
from stackproof.plan.tokens import Tokens
from stackproof.plan.wiring import Feed

_Data = Any
_Steps = tuple[Step, ...]


class Trust:
    """Answers for one evaluation.

    `evaluated` are the values of the attributes that hold something unknown, by address. `hidden` are attributes that
    no token stands for. `computed_from_arguments` are the addresses of data sources that a provider computes from their
    arguments alone.
    """

    def __init__(
        self,
        evaluated: Mapping[str, Mapping[str, _Data]],
        tokens: Tokens,
        hidden: Iterable[Feed],
        references: References,
        computed_from_arguments: frozenset[str],
    ) -> None:
        self._evaluated = evaluated
        self._tokens = tokens
        self._references = references
        self._computed = computed_from_arguments
        self._hidden: dict[str, list[_Steps]] = defaultdict(list)
        for feed in hidden:
            self._hidden[feed.address].append(parse_path(feed.attribute))
        self._answers: dict[tuple[str, _Steps], bool] = {}

    def deserves(self, address: str, steps: _Steps, made: _Data) -> bool:
        """Whether the value at the steps can be trusted, where it was evaluated to `made`."""
        return not self._is_hidden(address, steps) and self._is_made_openly(address, steps, made)

    def _holds(self, address: str, steps: _Steps) -> bool:
        if not steps:
            return address not in self._hidden
        key = address, steps
        if key not in self._answers:
            self._answers[key] = True  # for what leads back to itself
            self._answers[key] = self.deserves(address, steps, self._evaluated.get(address, {}).get(str(steps[0])))
        return self._answers[key]

    def _is_hidden(self, address: str, steps: _Steps) -> bool:
        hidden = self._hidden.get(address, ())
        return any(shared == steps[: len(shared)] or steps == shared[: len(steps)] for shared in hidden)

    def _is_made_openly(self, address: str, steps: _Steps, made: _Data) -> bool:
        wiring = self._references.wiring(address, steps)
        if wiring.exact and made is not None and not self._tokens.show(wiring.feeds, made):
            return False
        sources = [(feed.address, parse_path(feed.attribute) if feed.attribute else ()) for feed in wiring.feeds]
        if address in self._computed:
            arguments = self._references.arguments(address)
            sources += [(address, (name,)) for name in arguments if steps[0] not in arguments]
        return all(self._holds(*source) for source in sources)
