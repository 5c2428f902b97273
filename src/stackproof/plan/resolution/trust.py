"""Which evaluated values can be taken for what an apply will make of them.

Tokens show themselves in what is made of them, unless it hides them: a hash, a count, a comparison. Such a value, and
all that is made of it, would be another one with the real ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from stackproof.plan.paths import Step, parse_path
from stackproof.plan.references.references import References
from stackproof.plan.resolution.tokens import Tokens
from stackproof.plan.values import is_marked
from stackproof.plan.wiring import Feed

_Data = Any
_Steps = tuple[Step, ...]


class Trust:
    """Answers for one evaluation.

    `evaluated` are the values of the attributes that hold something unknown, `unknown` the plan's marks of it, both by
    address. `hidden` are attributes that no token stands for. `pure` are the addresses of data sources that a provider
    computes from their arguments alone.
    """

    def __init__(
        self,
        evaluated: Mapping[str, Mapping[str, _Data]],
        unknown: Mapping[str, _Data],
        tokens: Tokens,
        hidden: Iterable[Feed],
        references: References,
        pure: frozenset[str],
    ) -> None:
        self._evaluated = evaluated
        self._unknown = unknown
        self._tokens = tokens
        self._references = references
        self._pure = pure
        self._hidden: dict[str, list[_Steps]] = defaultdict(list)
        for feed in hidden:
            self._hidden[feed.address].append(parse_path(feed.attribute))
        self._answers: dict[tuple[str, _Steps], bool] = {}

    def deserves(self, address: str, steps: _Steps, made: _Data) -> bool:
        """Whether the value at the steps can be trusted, where it was evaluated to `made`."""
        return not self._is_hidden(address, steps) and self._is_made_openly(address, steps, made)

    def is_computed_from_arguments(self, address: str, steps: _Steps, made: _Data) -> bool:
        """Whether a provider computed a value from arguments alone: here, or where it comes from."""
        if address in self._pure:
            return True
        sources = [feed for feed in self._references.wiring(address, steps).feeds if feed.address in self._pure]
        return any(self._evaluated.get(feed.address, {}).get(feed.attribute) == made for feed in sources)

    def _holds(self, address: str, steps: _Steps) -> bool:
        if not steps:
            return address not in self._hidden
        key = address, steps
        if key not in self._answers:
            self._answers[key] = True  # for what leads back to itself
            made, flags = value_at(self._evaluated.get(address), steps), value_at(self._unknown.get(address), steps)
            self._answers[key] = _is_whole(made, flags) and self.deserves(address, steps, made)
        return self._answers[key]

    def _is_hidden(self, address: str, steps: _Steps) -> bool:
        hidden = self._hidden.get(address, ())
        return any(shared == steps[: len(shared)] or steps == shared[: len(steps)] for shared in hidden)

    def _is_made_openly(self, address: str, steps: _Steps, made: _Data) -> bool:
        wiring = self._references.wiring(address, steps)
        if not wiring.complete:
            return False  # what could not be followed may hide a token
        if wiring.exact and made is not None and not self._tokens.show(wiring.feeds, made):
            return False
        sources = [(feed.address, parse_path(feed.attribute) if feed.attribute else ()) for feed in wiring.feeds]
        if address in self._pure:
            arguments = self._references.arguments(address)
            sources += [(address, (name,)) for name in arguments if steps[0] not in arguments]
        return all(self._holds(*source) for source in sources)


def value_at(value: _Data, steps: _Steps) -> _Data:
    """What was evaluated or is marked at the steps: None where that is nothing, True below a mark for the whole."""
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list):
            value = value[step] if isinstance(step, int) and step < len(value) else None
        elif value is not True:
            return None
    return value


def _is_whole(made: _Data, flags: _Data) -> bool:
    """Whether something was evaluated for all that is unknown: what only a provider makes is null or empty."""
    if flags is True:
        return made not in (None, [], {})
    if isinstance(flags, dict):
        return all(_is_whole(value_at(made, (key,)), inner) for key, inner in flags.items() if is_marked(inner))
    if isinstance(flags, list):
        return all(
            _is_whole(value_at(made, (number,)), inner) for number, inner in enumerate(flags) if is_marked(inner)
        )
    return True
