"""What an expression is worth, as far as a plan tells: plain data with UNKNOWN wherever it does not.

This decides conditions, indexes and the keys of collections. UNKNOWN is always a right answer, only a vague one.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stackproof.plan.references.conversion import converted
from stackproof.plan.references.expressions import (
    Access,
    Call,
    Conditional,
    Expression,
    Fields,
    For,
    Listing,
    Literal,
    Name,
    Nth,
    Operation,
    Selector,
    Splat,
    Step,
    Template,
    Wild,
    parts_of,
)
from stackproof.plan.references.functions import as_bool, call, holds_unknown, joined, operate
from stackproof.plan.references.instances import UNKNOWN, Instances
from stackproof.plan.references.modules import Definition
from stackproof.plan.references.scopes import Bound, Scope, Scopes

_Value = Any


@dataclass(frozen=True, eq=False)
class Element:
    """One round of a `for`: its scope, the key it makes, and whether its condition holds (or UNKNOWN)."""

    scope: Scope
    key: Any
    kept: Any


class Evaluation:
    """Evaluates expressions of one plan."""

    def __init__(self, scopes: Scopes, instances: Instances) -> None:
        self._scopes = scopes
        self._instances = instances
        self._values: dict[tuple[Expression, Scope], _Value] = {}
        self._elements: dict[tuple[For, Scope], tuple[Element, ...] | None] = {}

    def value(self, expression: Expression, scope: Scope) -> _Value:
        """The value of an expression."""
        if isinstance(expression, Literal):
            return expression.value
        scope = self._scopes.widest(expression, scope)
        key = expression, scope
        if key not in self._values:
            # a definition that leads back to itself meets this
            self._values[key] = UNKNOWN
            self._values[key] = self._evaluate(expression, scope)
        return self._values[key]

    def step(self, selector: Selector, scope: Scope) -> Step:
        """A selector's value: Wild.SOME where it is not known."""
        if not isinstance(selector, Expression):
            return selector
        value = self.value(selector, scope)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value if isinstance(value, str | int) and not isinstance(value, bool) else Wild.SOME

    def steps(self, selectors: Sequence[Selector], scope: Scope) -> tuple[Step, ...]:
        """The values of selectors."""
        return tuple(self.step(selector, scope) for selector in selectors)

    def exists(self, expression: Expression, scope: Scope) -> bool:
        """Whether an expression certainly has a value, even if it is not known: `try` would take it."""
        if not holds_unknown(self.value(expression, scope)):
            return True
        match expression:
            case Access(base, (*outer, last)):
                container = self._evaluate(Access(base, tuple(outer)), scope)
                return self.step(last, scope) in _selectable(container)
            case Splat(base, (*outer, last)):
                containers = self._evaluate(Splat(base, tuple(outer)), scope)
                step = self.step(last, scope)
                return containers is not UNKNOWN and all(step in _selectable(item) for item in containers)
            case For():
                rounds = self.elements(expression, scope)
                return rounds is not None and all(
                    as_bool(element.kept) is not None and self.exists(expression.value, element.scope)
                    for element in rounds
                )
            case Listing() | Fields() | Template():
                return all(self.exists(part, scope) for part in parts_of(expression))
        return False

    def fails(self, expression: Expression, scope: Scope) -> bool:
        """Whether an expression certainly selects what is not there: `try` would pass over it."""
        if not isinstance(expression, Access):
            return False
        for depth, selector in enumerate(expression.selectors):
            container = self._evaluate(Access(expression.base, expression.selectors[:depth]), scope)
            step = self.step(selector, scope)
            fits = isinstance(step, str | int) and isinstance(container, dict if isinstance(step, str) else list)
            if fits and step not in _selectable(container):
                return True
        return False

    def keys(self, repetition: Definition | None, scope: Scope) -> list[str | int] | None:
        """The keys that a `count` or `for_each` makes; None where they are not known."""
        value = self.value(repetition.expression, scope) if repetition else UNKNOWN
        if isinstance(value, int) and not isinstance(value, bool):
            return list(range(value))
        if isinstance(value, dict):
            return list(value)
        return None

    def elements(self, loop: For, scope: Scope) -> tuple[Element, ...] | None:
        """The rounds of a `for`, in their order; None where what it runs over is not known."""
        scope = self._scopes.widest(loop, scope)
        if (loop, scope) not in self._elements:
            self._elements[loop, scope] = None
            self._elements[loop, scope] = self._rounds(loop, scope)
        return self._elements[loop, scope]

    def _rounds(self, loop: For, scope: Scope) -> tuple[Element, ...] | None:
        collection = self.value(loop.collection, scope)
        steps: Sequence[str | int]
        if isinstance(collection, dict):
            steps = sorted(collection)
        elif isinstance(collection, list):
            steps = range(len(collection))
        else:
            return None
        rounds = []
        for step in steps:
            inner = bind(loop, scope, step)
            key = self.value(loop.key, inner) if loop.key is not None else None
            kept = self.value(loop.condition, inner) if loop.condition is not None else True
            rounds.append(Element(inner, key, kept))
        return tuple(rounds)

    def _evaluate(self, expression: Expression, scope: Scope) -> _Value:
        match expression:
            case Name(text):
                return self._name(text, (), scope)
            case Access(base, selectors):
                steps = self.steps(selectors, scope)
                if isinstance(base, Name):
                    return self._name(base.text, steps, scope)
                return walk(self.value(base, scope), steps)
            case Splat(base, selectors):
                return self._splat(self.value(base, scope), self.steps(selectors, scope))
            case Listing(items):
                return [self.value(item, scope) for item in items]
            case Fields(pairs):
                made = {self.step(key, scope): self.value(value, scope) for key, value in pairs}
                return UNKNOWN if Wild.SOME in made else {str(key): value for key, value in made.items()}
            case Conditional(condition, yes, no):
                decided = as_bool(self.value(condition, scope))
                return UNKNOWN if decided is None else self.value(yes if decided else no, scope)
            case Template(parts):
                return joined([self.value(part, scope) for part in parts])
            case Operation(operator, operands):
                return operate(operator, [self.value(operand, scope) for operand in operands])
            case Call(function, arguments, spread):
                given = [self.value(argument, scope) for argument in arguments]
                if spread:
                    last = given.pop()
                    given += last if isinstance(last, list) else [UNKNOWN]
                return call(function, given)
            case For():
                return self._for(expression, scope)
        return UNKNOWN

    def _name(self, root: str, steps: tuple[Step, ...], scope: Scope) -> _Value:
        if root in scope.bound:
            bound = scope.bound[root]
            if bound.part == "key" or (bound.part == "iterator" and steps[:1] == ("key",)):
                return bound.step if isinstance(bound.step, str | int) else UNKNOWN
        elif (root, steps) in (("each", ("key",)), ("count", ("index",))):
            return scope.key if isinstance(scope.key, str | int) else UNKNOWN
        meaning = self._scopes.meaning(root, steps, scope)
        if meaning is not None:
            value = self.value(meaning.expression, meaning.scope)
            if root == "var" and value is None and self._default(str(steps[0]), scope) is not None:
                # a null that is given can stand for the default
                return UNKNOWN
            if root == "var":
                value = self._converted(value, str(steps[0]), scope)
            return walk(value, meaning.steps)
        if root == "var" and steps:
            return walk(self._default(str(steps[0]), scope), steps[1:])
        if root == "module" and steps:
            return self._output(steps, scope)
        if root == "data" and len(steps) > 1:
            return self._resource(("data", str(steps[0]), str(steps[1])), steps[2:], scope)
        return self._resource(("managed", root, str(steps[0])), steps[1:], scope) if steps else UNKNOWN

    def _default(self, variable: str, scope: Scope) -> _Value:
        value = self._instances.variable(variable) if scope.caller is None else UNKNOWN
        if value is UNKNOWN:
            value = self.value(scope.module.variable(variable).expression, scope)
        return self._converted(value, variable, scope)

    def _converted(self, value: _Value, variable: str, scope: Scope) -> _Value:
        return converted(value, scope.module.constraint(variable))

    def _output(self, steps: tuple[Step, ...], scope: Scope) -> _Value:
        name, rest = str(steps[0]), steps[1:]
        called = scope.module.call(name)
        key = None
        if called is not None and self._scopes.is_called_repeatedly(scope, name):
            if not rest:
                keys = self.keys(called.repetition, self._scopes.around(scope))
                return UNKNOWN if keys is None else _by_key(dict.fromkeys(keys, UNKNOWN))
            key, rest = rest[0], rest[1:]
        if isinstance(key, Wild | Nth) or not rest:
            return UNKNOWN
        inner = self._scopes.called(scope, name, key)
        output = inner and inner.module.output(str(rest[0]))
        return walk(self.value(output.expression, inner), rest[1:]) if inner and output else UNKNOWN

    def _resource(self, resource: tuple[str, str, str], steps: tuple[Step, ...], scope: Scope) -> _Value:
        declared = scope.module.resource(*resource)
        group = self._instances.resources(scope.address, *resource)
        if declared is None or not scope.is_certain:
            return UNKNOWN
        if not group and resource[0] == "data" and self.keys(declared.repetition, self._scopes.around(scope)) != []:
            # a plan without its prior state does not list the data sources that it read
            return UNKNOWN
        if not self._scopes.is_repeated(scope, *resource):
            return walk(self._instances.values(group[None]), steps) if None in group else UNKNOWN
        if steps and steps[0] in group:
            return walk(self._instances.values(group[steps[0]]), steps[1:])  # type: ignore[index]
        return walk(self._group(group), steps)

    def _group(self, group: Mapping[Any, str]) -> _Value:
        return _by_key({key: self._instances.values(address) for key, address in group.items()})

    def _splat(self, value: _Value, steps: tuple[Step, ...]) -> _Value:
        if value is UNKNOWN or value is None:
            return UNKNOWN if value is UNKNOWN else []
        return [walk(item, steps) for item in (value if isinstance(value, list) else [value])]

    def _for(self, loop: For, scope: Scope) -> _Value:
        rounds = self.elements(loop, scope)
        if rounds is None or any(as_bool(element.kept) is None for element in rounds):
            return UNKNOWN
        kept = [element for element in rounds if as_bool(element.kept)]
        if loop.key is None:
            return [self.value(loop.value, element.scope) for element in kept]
        if not all(isinstance(element.key, str | int) for element in kept):
            return UNKNOWN
        made: dict[str, Any] = {}
        for element in kept:
            value = self.value(loop.value, element.scope)
            if loop.grouped:
                made.setdefault(str(element.key), []).append(value)
            else:
                made[str(element.key)] = value
        return made


def bind(loop: For, scope: Scope, step: Step) -> Scope:
    """The scope inside a `for`, in the round for one element of its collection."""
    parts = {loop.key_name: "key", loop.value_name: "value"}
    return scope.bind({name: Bound(loop.collection, scope, step, part) for name, part in parts.items() if name})


def walk(value: _Value, steps: Sequence[Step]) -> _Value:
    """The part of a value to which steps lead; UNKNOWN where one leads nowhere for sure."""
    for step in steps:
        if step in _selectable(value):
            value = value[step]
        elif isinstance(value, list) and isinstance(step, str) and step in value:
            # the element of a set
            value = step
        else:
            return UNKNOWN
    return value


def _selectable(value: _Value) -> Container[Step]:
    return value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()


def _by_key(values: dict[Any, _Value]) -> _Value:
    """What a counted or mapped block is as a value: a list or a map."""
    if all(isinstance(key, int) for key in values):
        return [values[key] for key in sorted(values)]
    return values
