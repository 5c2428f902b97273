"""IAM globs as sets of texts: does one match, do two meet, is one inside a union of others, and which text is not.

`*` stands for any run of characters, `:` and `/` among them, and `?` for exactly one; `PART` and `PART_ONE` are the
same without `:`, as within a part of an ARN. Every other character is itself, in its case: of actions, whose case does
not matter, both sides have to be given in lower case.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards

A character of `SYMBOLS` stands for a text of which only the name is known, such as the value of a policy variable:
itself and `*` cover it, `?` does not. Where there is no text with a symbol, there is none, whatever it stands for.

A question is a list of clauses; the answer is a text that meets all of them. It is looked for by reading all patterns
at once, as automata whose states are the bits of a number; the first characters after which all clauses hold are it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from stackproof.verdict import Undecided

SYMBOLS = range(0xF0000, 0x10FFFE)
"""Code points, of those for private use, that stand for a text of which only the name is known."""

PART, PART_ONE = "\ue002", "\ue003"
"""Wildcards for any run of characters, and for exactly one, within a part of an ARN."""

WORDS = ("example", "other", "a", "")
"""What a text that is looked for has for `*`, where one of them will do."""

_FILLER = "xyzqjkvwabcdefghilmnoprstu0123456789"
_SYMBOL = f"{chr(SYMBOLS.start)}-{chr(SYMBOLS.stop - 1)}"
_WILDCARDS = {"*": ".*", "?": f"[^{_SYMBOL}]", PART: f"[^:{_SYMBOL}]*?", PART_ONE: f"[^:{_SYMBOL}]"}
_RUNS = ("*", PART)
_WILD = re.compile(f"[{re.escape(''.join(_WILDCARDS))}]")
_LIMITED = re.compile(f"[?{PART}{PART_ONE}]")
_IS_SYMBOL = re.compile(f"[{_SYMBOL}]")
_REMEMBERED = 1 << 14
_MOST_STATES = 1 << 17


class Clause(NamedTuple):
    """Holds for a text that one of `some` matches, or that one of `not_all` does not match."""

    some: tuple[str, ...] = ()
    not_all: tuple[str, ...] = ()

    def holds(self, text: str) -> bool:
        """Whether a text meets it."""
        return any(matches(pattern, text) for pattern in self.some) or not all(
            matches(pattern, text) for pattern in self.not_all
        )


def is_plain(pattern: str) -> bool:
    """Whether the pattern is one text: no wildcard in it."""
    return _WILD.search(pattern) is None


def matches(pattern: str, text: str) -> bool:
    """Whether a text is one that the pattern stands for; in the text, `*` and `?` are ordinary characters."""
    if is_plain(pattern):
        return pattern == text
    return pattern == "*" or _expression(pattern).fullmatch(text) is not None


def overlaps(one: str, other: str) -> bool:
    """Whether there is a text that both stand for, or may do so."""
    one, other = (_IS_SYMBOL.sub("*", pattern) for pattern in (one, other))
    if is_plain(one):
        return matches(other, one)
    return one == other or (may_overlap(one, other) and solve((Clause((one,)), Clause((other,)))) is not None)


def includes(wide: Iterable[str], narrow: str) -> bool:
    """Whether every text of `narrow` is in at least one of the `wide` patterns."""
    return witness(narrow, wide) is None


def witness(narrow: str, outside: Iterable[str] = ()) -> str | None:
    """A text of `narrow` that is in none of `outside`; None where there is none."""
    outside = tuple(outside)
    if "*" in outside or narrow in outside:
        return None
    return solve((Clause((narrow,)), *(Clause(not_all=(pattern,)) for pattern in outside)))


def may_overlap(one: str, other: str) -> bool:
    """Whether the characters before the first and after the last wildcard leave room for a common text."""
    head, tail = fixed(one)
    start, end = fixed(other)
    return (head.startswith(start) or start.startswith(head)) and (tail.endswith(end) or end.endswith(tail))


@lru_cache(_REMEMBERED)
def fixed(pattern: str) -> tuple[str, str]:
    """The characters before the first wildcard, and those after the last one."""
    parts = _WILD.split(pattern)
    return parts[0], parts[-1]


def solve(clauses: tuple[Clause, ...]) -> str | None:
    """A text that meets all clauses, one that reads well where there is; None where no text does.

    Raises Undecided for patterns that would take too long.
    """
    matching = [clause for clause in clauses if clause.some]
    if len(matching) > 1 and any(_IS_SYMBOL.search(pattern) for clause in matching for pattern in clause.some):
        # what a symbol stands for may be a text of another pattern
        clauses = tuple(Clause(tuple(_IS_SYMBOL.sub("*", p) for p in c.some), c.not_all) for c in clauses)
    return _solved(clauses)


@lru_cache(_REMEMBERED)
def _solved(clauses: tuple[Clause, ...]) -> str | None:
    required = [clause for clause in clauses if not clause.not_all]
    for clause in required:
        if all(map(is_plain, clause.some)):
            return next((text for text in clause.some if all(other.holds(text) for other in clauses)), None)
    excluded = [clause.not_all[0] for clause in clauses if not clause.some and len(clause.not_all) == 1]
    for clause in required:
        if all(any(_swallows(pattern, narrow) for pattern in excluded) for narrow in clause.some):
            return None
    # what cannot meet the only pattern of a clause excludes nothing
    single = [clause.some[0] for clause in required if len(clause.some) == 1]
    near = [c for c in clauses if not c.not_all or c.some or all(_all_near(c.not_all, pattern) for pattern in single)]
    return next(_readable(required, near), None) or _shortest(tuple(dict.fromkeys(near)))


def _swallows(wide: str, narrow: str) -> bool:
    """Whether the wide pattern surely includes the narrow one; its wildcards read as characters tell, but for `?`."""
    return wide == narrow or (not _LIMITED.search(wide) and matches(wide, narrow))


def _all_near(patterns: Sequence[str], other: str) -> bool:
    return all(may_overlap(pattern, other) for pattern in patterns)


def _readable(required: Sequence[Clause], clauses: Sequence[Clause]) -> Iterator[str]:
    for clause in required:
        for pattern in clause.some:
            for word in WORDS:
                text = _WILD.sub(lambda wildcard: word if wildcard[0] in _RUNS else "x", pattern)  # noqa: B023
                if all(other.holds(text) for other in clauses):
                    yield text


@lru_cache(_REMEMBERED)
def _expression(pattern: str) -> re.Pattern[str]:
    head, *rest = (_spelled(part) for part in re.split(r"\*+", pattern))
    if not rest:
        return re.compile(head, re.DOTALL)
    # the first place where a part fits is as good as any later one: nothing has to be tried again
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return re.compile(f"{head}{middle}.*{rest[-1]}", re.DOTALL)


def _spelled(pattern: str) -> str:
    return "".join(_WILDCARDS.get(character) or re.escape(character) for character in pattern)


class _Automaton:
    """Patterns side by side. A state is a set of positions, a bit each.

    A pattern has a position before each of its characters and `?`, and one at its end; where a `*` is, reading a
    character may also stay. `spans` are all positions of a pattern, `ends` the last ones, `absorbing` those ends at
    which whatever follows is read, too.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self.start = 0
        self.ends: dict[str, int] = {}
        self.spans: dict[str, int] = {}
        self.moves: dict[str, int] = {}
        self._stay = 0
        self._stay_in_part = 0
        self._any = 0
        self._any_in_part = 0
        self._weaker: dict[int, int] = {}
        position = 0
        for pattern in patterns:
            first = 1 << position
            self.start |= first
            for character in pattern:
                here = 1 << position
                if character == "*":
                    self._stay |= here
                    # what can be read from an earlier position of the pattern can be read from a `*`
                    self._weaker[here] = here - first
                    continue
                if character == PART:
                    self._stay_in_part |= here
                    continue
                if character == "?":
                    self._any |= here
                elif character == PART_ONE:
                    self._any_in_part |= here
                else:
                    self.moves[character] = self.moves.get(character, 0) | here
                position += 1
            self.ends[pattern] = 1 << position
            self.spans[pattern] = (2 << position) - first
            position += 1
        self.absorbing = sum(self.ends.values()) & self._stay

    def step(self, state: int, character: str) -> int:
        """The state after one more character."""
        takes = self.moves.get(character, 0)
        stays = self._stay
        if character == ":":
            takes |= self._any
        elif ord(character) not in SYMBOLS:
            takes |= self._any | self._any_in_part
            stays |= self._stay_in_part
        state = ((state & takes) << 1) | (state & stays)
        stars = state & self._stay
        while stars:
            last = 1 << (stars.bit_length() - 1)
            weaker = self._weaker[last]
            state &= ~weaker
            stars &= ~(weaker | last)
        return state

    def alphabet(self) -> Sequence[str]:
        """The characters that patterns tell apart, and one for all the others."""
        named = dict.fromkeys(self.moves)
        if self._stay_in_part or self._any_in_part:
            named[":"] = None
        spare = next((c for c in _FILLER if c not in named), None)
        return [*named, spare or next(c for c in map(chr, range(0x100, SYMBOLS.start)) if c not in named)]


def _shortest(clauses: tuple[Clause, ...]) -> str | None:
    automaton = _Automaton(dict.fromkeys(pattern for clause in clauses for pattern in (*clause.some, *clause.not_all)))
    ends, spans = automaton.ends, automaton.spans
    masks = [(sum(ends[p] for p in set(c.some)), sum(ends[p] for p in set(c.not_all))) for c in clauses]
    # a clause is lost where it needs a position that is left, or is at an end that stays reached
    alive = [sum(spans[p] for p in set(c.some)) for c in clauses if not c.not_all]
    lost = [mask for some, mask in masks if mask and not some and mask & automaton.absorbing == mask]
    alphabet = automaton.alphabet()
    texts = {automaton.start: ""}
    pending = deque([automaton.start])
    while pending:
        if len(texts) > _MOST_STATES:
            raise Undecided(" ".join(automaton.ends), "", "too intricate to compare")
        state = pending.popleft()
        if all(state & some or ~state & not_all for some, not_all in masks):
            return texts[state]
        for character in alphabet:
            following = automaton.step(state, character)
            if (
                following not in texts
                and all(following & mask for mask in alive)
                and not any(following & mask == mask for mask in lost)
            ):
                texts[following] = texts[state] + character
                pending.append(following)
    return None
