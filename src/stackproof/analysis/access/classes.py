"""The classes of texts that a set of globs tells apart: all ways in which texts are matched, with a text for each."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Iterable, Iterator

from stackproof.analysis.access import globs

RUN, ANY = "*", "?"
FILLERS = "xyzwvutsrqponmlkjihgfedcba0123456789"
"""What a text has where any other character would do."""

MOST_STATES = 100_000
"""Where the walk gives up; sets of globs as people write them take some hundreds."""

_Positions = frozenset[tuple[str, int]]


def classes(narrow: str, patterns: Iterable[str]) -> dict[frozenset[str], str]:
    """All the ways in which a text that `narrow` matches can be matched by `patterns`.

    Each set of patterns that match some such text, and no others do, comes with one of the shortest of these texts.
    Raises OverflowError where the patterns are too many to tell.
    """
    relevant = tuple(dict.fromkeys(pattern for pattern in patterns if globs.overlaps(pattern, narrow)))
    if globs.is_plain(narrow):
        return {frozenset(pattern for pattern in relevant if globs.matches(pattern, narrow)): narrow}
    found: dict[frozenset[str], str] = {}
    for others, text in _ends(narrow, relevant):
        found.setdefault(frozenset(pattern for pattern, position in others if position == len(pattern)), text)
    return found


def _ends(narrow: str, patterns: tuple[str, ...]) -> Iterator[tuple[_Positions, str]]:
    """The texts of `narrow`, shortest first, as far as they differ in where they lead in `patterns`."""
    used = set(narrow).union(*patterns)
    other = next((filler for filler in FILLERS if filler not in used), chr(max(map(ord, used)) + 1))
    start = (0, _opened(frozenset((pattern, 0) for pattern in patterns)))
    pending = deque([(start, "")])
    seen = {start}
    while pending:
        (position, others), text = pending.popleft()
        if all(sign == RUN for sign in narrow[position:]):
            yield others, text
        for after, left, letter in _steps(narrow, position, others, other):
            state = (after, left)
            if state not in seen:
                if len(seen) > MOST_STATES:
                    raise OverflowError(narrow)
                seen.add(state)
                (pending.append if letter else pending.appendleft)((state, text + letter))


def _steps(narrow: str, position: int, others: _Positions, other: str) -> Iterator[tuple[int, _Positions, str]]:
    sign = narrow[position : position + 1]
    if sign == RUN:
        yield position + 1, others, ""
    if not sign:
        return
    letters = [sign]
    if sign in (RUN, ANY):
        # all characters that no position waits for lead to the same
        awaited = {pattern[at] for pattern, at in others if at < len(pattern)} | {narrow[position + 1 : position + 2]}
        letters = [other, *sorted(awaited - {RUN, ANY, ""})]
    for letter in letters:
        yield position if sign == RUN else position + 1, _moved(others, letter), letter


def _opened(positions: _Positions) -> _Positions:
    """The positions that can be had without another character: a run may be empty."""
    found, pending = set(positions), list(positions)
    while pending:
        pattern, position = pending.pop()
        if pattern[position : position + 1] == RUN and (pattern, position + 1) not in found:
            found.add((pattern, position + 1))
            pending.append((pattern, position + 1))
    return frozenset(found)


@functools.lru_cache(maxsize=65536)
def _moved(positions: _Positions, letter: str) -> _Positions:
    after = set()
    for pattern, position in positions:
        sign = pattern[position : position + 1]
        if sign == RUN:
            after.add((pattern, position))
        elif sign and sign in (ANY, letter):
            after.add((pattern, position + 1))
    return _opened(frozenset(after))
