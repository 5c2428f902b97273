"""Tracing a value through expressions: names to what they are defined as, collections to their elements.

What is found always holds every attribute that feeds the value, unless it says that something is missing.
"""

from __future__ import annotations

from collections.abc import Sequence

from stackproof.plan.paths import format_path
from stackproof.plan.provenance import Link
from stackproof.plan.references import passing
from stackproof.plan.references.evaluation import Element, Evaluation, bind
from stackproof.plan.references.expressions import (
    Access,
    Call,
    Conditional,
    Expression,
    Fields,
    For,
    Listed,
    Listing,
    Literal,
    Name,
    Nth,
    Operation,
    Splat,
    Step,
    Template,
    Wild,
)
from stackproof.plan.references.found import NOTHING, Found, either, union
from stackproof.plan.references.functions import as_bool
from stackproof.plan.references.instances import UNKNOWN, Instances, Key, below_single, choose
from stackproof.plan.references.listed import trace_listed
from stackproof.plan.references.scopes import Scope, Scopes
from stackproof.plan.wiring import Feed

_UNDEFINED = frozenset(("count", "each", "path", "self", "terraform"))
"""Names whose values no resource feeds, as far as they are not defined by an expression."""


_OPEN = "a condition is open"


class Tracer:
    """Traces values in one plan.

    Where a plan lists a repeated resource beside `each.key`, `guess` takes the instance with the same key.
    """

    def __init__(self, scopes: Scopes, evaluation: Evaluation, instances: Instances, *, guess: bool) -> None:
        self.evaluation = evaluation
        self.scopes = scopes
        self._instances = instances
        self.guess = guess
        self._found: dict[tuple[Expression, tuple[Step, ...], Scope], Found] = {}
        self._instances_found: dict[tuple[str, str, str, str, tuple[Step, ...]], Found] = {}
        self._active: set[Expression] = set()

    def trace(self, expression: Expression, steps: tuple[Step, ...], scope: Scope) -> Found:
        """What feeds the part of an expression's value to which the steps lead."""
        scope = self.scopes.widest(expression, scope)
        key = expression, steps, scope
        if key not in self._found:
            self._found[key] = self._trace(expression, steps, scope)
        return self._found[key]

    def every(self, expressions: tuple[Expression, ...], steps: tuple[Step, ...], scope: Scope) -> Found:
        """What feeds a value that is made of all these."""
        return union(self.trace(expression, steps, scope) for expression in expressions)

    def parts(self, expressions: tuple[Expression, ...], scope: Scope) -> Found:
        """What feeds a value into which all these go, none of them as it is."""
        return union(self.trace(expression, (), scope).part() for expression in expressions)

    def _trace(self, expression: Expression, steps: tuple[Step, ...], scope: Scope) -> Found:
        match expression:
            case Literal(value):
                return NOTHING if value is None else Found({expression: ()})
            case Name(text):
                return self._name(text, steps, scope)
            case Access(base, selectors):
                selected = (*self.evaluation.steps(selectors, scope), *steps)
                return (
                    self._name(base.text, selected, scope)
                    if isinstance(base, Name)
                    else self.trace(base, selected, scope)
                )
            case Splat(base, selectors):
                each = self.evaluation.steps(selectors, scope)
                if steps[:1] == (Wild.KEYS,):
                    return NOTHING
                first = steps[0] if steps else Wild.EVERY
                return self.trace(base, (Wild.SOME if isinstance(first, str) else first, *each, *steps[1:]), scope)
            case Listing(items):
                return self._item(items, steps, scope)
            case Fields():
                return self._field(expression, steps, scope)
            case For():
                return self._for(expression, steps, scope)
            case Conditional(condition, yes, no):
                decided = as_bool(self.evaluation.value(condition, scope))
                if decided is not None:
                    return self.trace(yes if decided else no, steps, scope)
                sides = either([self.trace(yes, steps, scope), self.trace(no, steps, scope)], _OPEN)
                # where the condition is open, the value may follow from what decides it
                return union([sides, self.trace(condition, (), scope).part()]) if _OPEN in sides.doubts else sides
            case Call():
                return passing.trace_call(self, expression, steps, scope)
            case Operation(_, parts) | Template(parts):
                return self.parts(parts, scope)
            case Listed(()):
                # there is something, of which a plan tells nothing
                return Found({Link("function", "of what is written there"): ()})
            case Listed():
                return trace_listed(self, expression, steps, scope)
        return Found(missing=("an expression cannot be read",))

    def _item(self, items: tuple[Expression, ...], steps: tuple[Step, ...], scope: Scope) -> Found:
        first, rest = (steps[0], steps[1:]) if steps else (Wild.EVERY, ())
        chosen = items
        match first:
            case Nth(number) if items:
                chosen = (items[number % len(items)],)
            case int() if first < len(items):
                chosen = (items[first],)
            case str():
                # the element of a set
                values = [self.evaluation.value(item, scope) for item in items]
                same = tuple(item for item, value in zip(items, values, strict=True) if value == first)
                chosen = same or items
        found = [self.trace(item, rest, scope) for item in chosen]
        return union(found) if first is Wild.EVERY else either(found, "which element of a list it is, is not known")

    def _field(self, fields: Fields, steps: tuple[Step, ...], scope: Scope) -> Found:
        first, rest = (steps[0], steps[1:]) if steps else (Wild.EVERY, ())
        keys = tuple(key for key, _ in fields.pairs)
        values = tuple(value for _, value in fields.pairs)
        if not steps or first is Wild.KEYS:
            return union([NOTHING if steps else self.every(values, (), scope), self.parts(keys, scope)])
        if first is Wild.EVERY:
            return self.every(values, rest, scope)
        chosen = values
        if isinstance(first, str | int):
            named = [(self.evaluation.step(key, scope), value) for key, value in fields.pairs]
            chosen = tuple(value for key, value in named if key is Wild.SOME or str(key) == str(first))
        found = [self.trace(value, rest, scope) for value in chosen]
        return either(found, "which field of an object it is, is not known")

    def _for(self, loop: For, steps: tuple[Step, ...], scope: Scope) -> Found:
        first, rest = (steps[0], steps[1:]) if steps else (Wild.EVERY, ())
        rounds = self.evaluation.elements(loop, scope)
        if rounds is None:
            chosen: Sequence[Element] = [self._any_round(loop, first, scope)]
            certain = True
        else:
            chosen, certain = self._rounds(loop, first, [e for e in rounds if as_bool(e.kept) is not False])
        found = [self._element(loop, element, steps, rest) for element in chosen]
        together = union(found) if certain else either(found, "which element of a collection it is, is not known")
        if loop.grouped and rest and rest[0] is not Wild.EVERY and (len(chosen) > 1 or rounds is None):
            together = together.doubting("which element of a collection it is, is not known")
        open_ = [element for element in chosen if as_bool(element.kept) is None]
        if loop.condition is not None and open_ and first in (Wild.EVERY, Wild.KEYS, Wild.SOME):
            # where a filter is open, the value may follow from what decides it
            decisive = [self.trace(loop.condition, (), element.scope).part() for element in open_]
            together = union([together.doubting("which elements a filter keeps is not known"), *decisive])
        return together

    def _element(self, loop: For, element: Element, steps: tuple[Step, ...], rest: tuple[Step, ...]) -> Found:
        """What feeds what one round of a `for` makes, as far as the steps lead to it."""
        if loop.key is not None and steps[:1] == (Wild.KEYS,):
            return self.trace(loop.key, (), element.scope)
        # below a key of a grouped object there is a list of the values
        value = self.trace(loop.value, rest[1:] if loop.grouped else rest, element.scope)
        return union([value, self.trace(loop.key, (), element.scope).part()]) if loop.key and not steps else value

    def _any_round(self, loop: For, first: Step, scope: Scope) -> Element:
        """A round that stands for all that can make the element of a step, where the rounds are not known."""
        named = isinstance(loop.key, Name) and loop.key.text in (loop.key_name, loop.value_name)
        whole = first in (Wild.EVERY, Wild.KEYS)
        step = Wild.EVERY if whole else first if named and isinstance(first, str) else Wild.SOME
        return Element(bind(loop, scope, step), UNKNOWN, True if loop.condition is None else UNKNOWN)

    def _rounds(self, loop: For, first: Step, rounds: Sequence[Element]) -> tuple[Sequence[Element], bool]:
        """The rounds that can make the element of a step, and whether all of them do."""
        if first in (Wild.EVERY, Wild.KEYS):
            return rounds, True
        if loop.key is None:
            settled = all(as_bool(element.kept) for element in rounds)
            if isinstance(first, int) and settled and first < len(rounds):
                return [rounds[first]], True
            if isinstance(first, Nth) and settled and rounds:
                return [rounds[first.number % len(rounds)]], True
            if isinstance(first, str):
                values = [self.evaluation.value(loop.value, element.scope) for element in rounds]
                same = [element for element, value in zip(rounds, values, strict=True) if value == first]
                return same or rounds, len(same) == 1
            return rounds, False
        if not isinstance(first, str | int):
            return rounds, False
        same = [element for element in rounds if str(element.key) == str(first)]
        open_ = [element for element in rounds if not isinstance(element.key, str | int)]
        return [*same, *open_] or rounds, bool(same) and not open_

    def _name(self, root: str, steps: tuple[Step, ...], scope: Scope) -> Found:
        meaning = self.scopes.meaning(root, steps, scope)
        if meaning is not None:
            if meaning.expression in self._active:
                return Found(missing=(f"{root} refers to itself",))
            self._active.add(meaning.expression)
            try:
                found = self.trace(meaning.expression, meaning.steps, meaning.scope).after(meaning.link)
            finally:
                self._active.discard(meaning.expression)
            every = root in scope.bound and scope.bound[root].step is Wild.EVERY
            is_one_key = meaning.steps[:1] == (Wild.KEYS,) and not every
            return found.doubting("which key of a collection it is, is not known") if is_one_key else found
        if root in _UNDEFINED or root in scope.bound or not steps:
            return NOTHING
        name = str(steps[0])
        if root == "local":
            return Found(missing=(f"the expression of local.{name} is not at hand",))
        if root == "var":
            variable = scope.module.variable(name)
            if scope.caller is None:
                return Found({variable.link: (variable.link,)})
            return self.trace(variable.expression, (), scope).after(variable.link)
        if root == "module":
            return self._module(name, steps[1:], scope)
        if root == "data":
            return self._resource("data", name, str(steps[1]), steps[2:], scope) if len(steps) > 1 else NOTHING
        return self._resource("managed", root, name, steps[1:], scope)

    def _resource(self, mode: str, type: str, name: str, steps: tuple[Step, ...], scope: Scope) -> Found:
        key = scope.address, mode, type, name, steps
        if key not in self._instances_found:
            self._instances_found[key] = self._instances_of(mode, type, name, steps, scope)
        return self._instances_found[key]

    def _instances_of(self, mode: str, type: str, name: str, steps: tuple[Step, ...], scope: Scope) -> Found:
        shown = f"data.{type}.{name}" if mode == "data" else f"{type}.{name}"
        declared = scope.module.resource(mode, type, name)
        if declared is None:
            return Found(missing=(f"{shown} is not declared in the plan's configuration",))
        if not scope.is_certain:
            return NOTHING
        group = self._instances.resources(scope.address, mode, type, name)
        if not self.scopes.is_repeated(scope, mode, type, name):
            if not group and mode == "data":
                # a plan without its prior state does not list the data sources that it read
                group = {None: f"{scope.address}.{shown}".lstrip(".")}
            steps = below_single(steps)
        chosen, rest, certain = choose(group, steps)
        attribute = _attribute(rest)
        found = Found({Feed(address, attribute): () for address in chosen})
        return found if certain else found.doubting(f"which instance of {shown} it is, is not known")

    def _module(self, name: str, steps: tuple[Step, ...], scope: Scope) -> Found:
        call = scope.module.call(name)
        if call is None:
            return Found(missing=(f"module.{name} is not declared in the plan's configuration",))
        group: dict[Key | Wild, Key | Wild] = {None: None}
        if not self.scopes.is_called_repeatedly(scope, name):
            steps = below_single(steps)
        else:
            known = self.evaluation.keys(call.repetition, self.scopes.around(scope))
            keys = self._instances.modules(scope.address, name) if known is None else known
            group = {key: key for key in keys}
            if steps and isinstance(steps[0], str | int):
                group.setdefault(steps[0], steps[0])
            elif known is None:
                # an instance without resources can still hand on what it is given
                group[Wild.SOME] = Wild.SOME
        chosen, rest, certain = choose(group, steps)
        inner = [child for child in (self.scopes.called(scope, name, key) for key in chosen) if child is not None]
        found = [self._output(child, rest) for child in inner]
        return union(found) if certain else either(found, f"which instance of module.{name} it is, is not known")

    def _output(self, scope: Scope, steps: tuple[Step, ...]) -> Found:
        if not steps or not isinstance(steps[0], str):
            names = scope.module.outputs()
            return either([self._output(scope, (name,)) for name in names], "which output it is, is not known")
        output = scope.module.output(steps[0])
        if output is None:
            return Found(missing=(f"output {steps[0]} is not declared in the plan's configuration",))
        return self.trace(output.expression, steps[1:], scope).after(output.link)


def _attribute(steps: tuple[Step, ...]) -> str:
    end = next((position for position, step in enumerate(steps) if not isinstance(step, str | int)), len(steps))
    return format_path(tuple(step for step in steps[:end] if isinstance(step, str | int)))
