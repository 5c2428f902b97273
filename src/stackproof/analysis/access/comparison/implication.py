"""Whether conditions imply others: whatever request meets these meets those, too.

Conditions on one key are compared by meaning: texts, ARNs and bools as sets of patterns, numbers, dates and addresses
by the places where an answer can change, presence by itself. Several conditions on a key are taken together. Not
decided, and so None, is what compares one kind of value with another, a condition for one value with one for several,
binary values other than equal ones, and what a plan does not know. Conditions on different keys do not imply each
other, though some keys depend on each other in AWS.

The operators are those of
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from stackproof.analysis.access.comparison import samples, symbols
from stackproof.analysis.access.documents.documents import Condition
from stackproof.analysis.access.documents.operators import Operator, Quantifier, parse_operator
from stackproof.analysis.access.evaluation.conditions import holds
from stackproof.analysis.access.evaluation.context import Context
from stackproof.analysis.access.patterns import globs
from stackproof.analysis.access.patterns.globs import Clause

Key = tuple[str, str, frozenset[str] | int]


def implies(given: Sequence[Condition], wanted: Iterable[Condition]) -> bool | None:
    """Whether every request that meets all of `given` meets all of `wanted`; None where that is not decided.

    False says that there is such a request which does not, unless nothing at all meets `given`.
    """
    answer: bool | None = True
    for condition in wanted:
        found = _implied(given, condition)
        if found is False:
            return False
        if found is None:
            answer = None
    return answer


def identity(condition: Condition) -> Key:
    """What two conditions that mean the same have in common; one with an unknown value is like no other."""
    texts = [value for value in condition.values if isinstance(value, str)]
    is_known = len(texts) == len(condition.values) and condition.operator
    return condition.operator.lower(), condition.key.lower(), frozenset(texts) if is_known else id(condition)


def _implied(given: Iterable[Condition], condition: Condition) -> bool | None:
    wanted = _Test.of(condition)
    if wanted is None:
        return None
    about = [other for other in given if other.key.lower() == condition.key.lower() or not other.operator]
    if any(identity(other) == identity(condition) for other in about):
        return True
    tests = [test for test in map(_Test.of, about) if test is not None]
    if all(test.without for test in tests) and not wanted.without:
        return False if len(tests) == len(about) else None
    if not all(test.present for test in tests):
        return True
    if wanted.operator.comparison == "Null":
        return wanted.present or (None if len(tests) < len(about) else False)
    answer = _values_imply([test for test in tests if test.operator.comparison != "Null"], wanted)
    return None if answer is False and len(tests) < len(about) else answer


@dataclass(frozen=True, eq=False)
class _Test:
    """A condition whose operator and values are known."""

    operator: Operator
    name: str
    values: tuple[str, ...]

    @classmethod
    def of(cls, condition: Condition) -> _Test | None:
        operator = parse_operator(condition.operator)
        texts = tuple(value for value in condition.values if isinstance(value, str))
        if operator is None or len(texts) < len(condition.values):
            return None
        return cls(operator, condition.operator, texts)

    @property
    def without(self) -> bool:
        """Whether it holds for a request that does not have the key."""
        operator = self.operator
        if operator.comparison == "Null":
            return "true" in map(str.lower, self.values)
        if operator.if_exists or operator.quantifier is Quantifier.ALL:
            return True
        return operator.negated and operator.quantifier is Quantifier.NONE

    @property
    def present(self) -> bool:
        """Whether it can hold for a request that has the key, as far as only its presence says."""
        return self.operator.comparison != "Null" or "false" in map(str.lower, self.values)

    @property
    def kind(self) -> str:
        """What it compares: with one of another kind it cannot be compared."""
        comparison = self.operator.comparison
        if comparison.startswith(_TEXTS):
            return "text"
        return next((kind for kind in ("Numeric", "Date") if comparison.startswith(kind)), comparison)

    @property
    def ignores_case(self) -> bool:
        return self.operator.comparison in ("StringEqualsIgnoreCase", "Bool")

    @cached_property
    def patterns(self) -> tuple[str, ...] | None:
        """Its values as patterns; None where one is no ARN and has to be."""
        comparison = self.operator.comparison
        if not comparison.startswith("Arn"):
            return tuple(symbols.pattern(value, wildcards=comparison == "StringLike") for value in self.values)
        found = [symbols.arn_pattern(symbols.pattern(value)) for value in self.values]
        known = tuple(pattern for pattern in found if pattern is not None)
        return known if len(known) == len(found) else None


_TEXTS = ("String", "Arn", "Bool")


def _values_imply(given: Sequence[_Test], wanted: _Test) -> bool | None:
    """Whether the values of a request that meet what is given meet what is wanted."""
    quantifier = wanted.operator.quantifier
    same = [test for test in given if test.operator.quantifier is quantifier]
    of_all = [test for test in given if test.operator.quantifier is Quantifier.ALL]
    if quantifier is Quantifier.ANY:
        # one value that meets it is enough, and there is one that meets each of the others
        sets = [[*of_all, test] for test in same] + ([of_all] if of_all or not given else [])
    elif same or not given or quantifier is Quantifier.ALL:
        sets = [same]
    else:
        return None
    answers = [_included(tests, wanted) for tests in sets]
    if any(answers):
        return True
    return False if answers == [False] and len(same) == len(given) else None


def _included(given: Sequence[_Test], wanted: _Test) -> bool | None:
    """Whether a single value that meets all of the tests meets the wanted one, whatever their quantifiers."""
    same = [test for test in given if test.kind == wanted.kind]
    included = _texts_included if wanted.kind == "text" else _samples_included
    answer = included(same, wanted)
    return answer if answer or len(same) == len(given) else None


def _texts_included(given: Sequence[_Test], wanted: _Test) -> bool | None:
    answers = []
    modes = [wanted.ignores_case]
    if wanted.operator.negated and any(test.ignores_case for test in given):
        modes = [False, True]
    for lowered in modes:
        outside = _clauses(wanted, lowered=lowered, negate=True)
        inside = [_clauses(test, lowered=lowered) for test in given]
        if outside is None:
            return None
        clauses = tuple(clause for found in inside for clause in found or ())
        if wanted.operator.comparison == "Bool":
            clauses += (Clause(some=("true", "false")),)
        if globs.solve((*clauses, *outside)) is None:
            return True
        answers.append(None not in inside and not any(_has_symbol(clause) for clause in (*clauses, *outside)))
    return False if all(answers) and len(modes) == 1 else None


def _clauses(test: _Test, *, lowered: bool, negate: bool = False) -> tuple[Clause, ...] | None:
    """What a text has to meet; None where that cannot be said, in lower case or for what is no ARN."""
    patterns = test.patterns
    is_negated = test.operator.negated is not negate
    if patterns is None or (test.ignores_case and not lowered):
        return None
    if lowered and not test.ignores_case and is_negated and not negate:
        # another text may become the same in lower case
        return None
    if lowered:
        patterns = tuple(pattern.lower() for pattern in patterns)
    return tuple(Clause(not_all=(pattern,)) for pattern in patterns) if is_negated else (Clause(some=patterns),)


def _has_symbol(clause: Clause) -> bool:
    return any(ord(character) in globs.SYMBOLS for pattern in (*clause.some, *clause.not_all) for character in pattern)


def _samples_included(given: Sequence[_Test], wanted: _Test) -> bool | None:
    """Whether that is so for every value at which an answer can change."""
    values = samples.around(wanted.operator, [value for test in (wanted, *given) for value in test.values])
    if values is None:
        return None
    for value in values:
        met = [_meets(test, value) for test in (*given, wanted)]
        if None in met:
            return None
        if all(met[:-1]) and not met[-1]:
            return False
    return True


def _meets(test: _Test, value: str) -> bool | None:
    name = test.name.rpartition(":")[2]
    truth = holds(Condition(name, "k", test.values), Context({"k": value}))
    return truth if isinstance(truth, bool) else None
