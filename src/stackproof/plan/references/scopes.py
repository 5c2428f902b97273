"""Where an expression stands, and so what the names in it mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from stackproof.plan.provenance import Link
from stackproof.plan.references.expressions import Expression, Step, Wild, traversals
from stackproof.plan.references.instances import Instances, Key, module_steps
from stackproof.plan.references.modules import Declaration, Definition, Module


@dataclass(frozen=True, eq=False)
class Bound:
    """What a `for` or a dynamic block gives a name to: an element of a collection, or its key.

    `part` is "value", "key", or "iterator" for an object of both.
    """

    collection: Expression
    scope: Scope
    step: Step
    part: str


@dataclass(frozen=True, eq=False)
class Scope:
    """A module instance, the instance in it that is being expanded, and the names bound around the expression.

    `caller` is the scope of the module call (None in the root module). `key` is what `each.key` and `count.index` are:
    None outside of repeated blocks, Wild.SOME where it is not known.
    """

    module: Module
    address: str
    caller: Scope | None = None
    key: Key | Wild = None
    repetition: Definition | None = None
    bound: Mapping[str, Bound] = field(default_factory=dict)

    @property
    def is_certain(self) -> bool:
        """Whether this is in one particular module instance, not in whichever an unknown key would lead to."""
        return self.caller is None or (not isinstance(self.caller.key, Wild) and self.caller.is_certain)

    def bind(self, names: Mapping[str, Bound]) -> Scope:
        """The same scope with more names in it."""
        return replace(self, bound={**self.bound, **names})


@dataclass(frozen=True, eq=False)
class Meaning:
    """What a name stands for: a part of an expression that stands in another scope; `link` where it is a station."""

    expression: Expression
    scope: Scope
    steps: tuple[Step, ...]
    link: Link | None = None


class Scopes:
    """The scopes of a plan's module and resource instances."""

    def __init__(self, root: Module, instances: Instances) -> None:
        self._instances = instances
        self._modules: dict[str, Scope | None] = {"": Scope(root, "")}
        self._names: dict[Expression, frozenset[str]] = {}

    def module(self, address: str) -> Scope | None:
        """The scope in a module instance, by its address; None where the configuration has no such module."""
        if address not in self._modules:
            *_, (parent, name, key, _) = module_steps(address)
            caller = self.module(parent)
            self._modules[address] = caller and _called(caller, name, key, address)
        return self._modules[address]

    def called(self, scope: Scope, name: str, key: Key | Wild) -> Scope | None:
        """The scope in an instance of a module that is called where another scope is; None where it is not declared."""
        index = "" if key is None else f"[{'?' if isinstance(key, Wild) else _quoted(key)}]"
        address = f"{scope.address}.module.{name}{index}".lstrip(".")
        if address not in self._modules:
            self._modules[address] = _called(self.around(scope), name, key, address)
        return self._modules[address]

    def resource(self, address: str) -> tuple[Declaration, Scope] | None:
        """What declares an instance, and the scope in it; None where the configuration does not tell."""
        identity = self._instances.identity(address)
        if identity is None:
            return None
        module, *names, key = identity
        outer = self.module(module)
        declaration = outer.module.resource(*names) if outer else None
        if outer is None or declaration is None:
            return None
        return declaration, replace(outer, key=key, repetition=declaration.repetition)

    def is_repeated(self, scope: Scope, mode: str, type: str, name: str) -> bool:
        """Whether a resource has `count` or `for_each`; its instances tell where a plan leaves that out."""
        declared = scope.module.resource(mode, type, name)
        keys = self._instances.resources(scope.address, mode, type, name)
        return (declared is not None and declared.repetition is not None) or next(iter(keys), None) is not None

    def is_called_repeatedly(self, scope: Scope, name: str) -> bool:
        """Whether a module call has `count` or `for_each`; its instances tell where a plan leaves that out."""
        call = scope.module.call(name)
        keys = self._instances.modules(scope.address, name)
        return (call is not None and call.repetition is not None) or next(iter(keys), None) is not None

    def around(self, scope: Scope) -> Scope:
        """The scope of the module instance around a resource, a call or a bound name."""
        module = self._modules[scope.address]
        assert module is not None
        return module

    def widest(self, expression: Expression, scope: Scope) -> Scope:
        """The widest scope in which an expression means the same, so that it is looked at once for all instances."""
        if scope.key is None and not scope.bound:
            return scope
        if expression not in self._names:
            self._names[expression] = frozenset(str(steps[0]) for steps in traversals(expression))
        names = self._names[expression]
        is_bound = "each" in names or "count" in names or not names.isdisjoint(scope.bound)
        return scope if is_bound else self.around(scope)

    def meaning(self, root: str, steps: tuple[Step, ...], scope: Scope) -> Meaning | None:
        """What a traversal stands for, if it leads to an expression in the same module or its caller.

        None for resources, modules, variables that nobody sets, and names that no expression defines.
        """
        if root in scope.bound:
            return _bound(scope.bound[root], steps)
        name = steps[0] if steps and isinstance(steps[0], str) else ""
        if root == "each" and scope.repetition is not None and name in ("key", "value"):
            key = scope.key if name == "value" and scope.key is not None else Wild.KEYS
            rest = steps[1:] if name == "value" else ()
            return Meaning(scope.repetition.expression, self.around(scope), (key, *rest), scope.repetition.link)
        if root == "local":
            local = scope.module.local(name)
            return Meaning(local.expression, self.around(scope), steps[1:], local.link) if local else None
        if root == "var" and scope.caller is not None:
            call = scope.caller.module.call(scope.module.path[-1])
            given = call.inputs(name) if call else None
            return Meaning(given.expression, scope.caller, steps[1:], given.link) if given else None
        return None


def _called(caller: Scope, name: str, key: Key | Wild, address: str) -> Scope | None:
    call = caller.module.call(name)
    if call is None:
        return None
    return Scope(call.module, address, replace(caller, key=key, repetition=call.repetition))


def _bound(bound: Bound, steps: tuple[Step, ...]) -> Meaning | None:
    part = bound.part
    if part == "iterator":
        if not steps or steps[0] not in ("key", "value"):
            return None
        part, steps = str(steps[0]), steps[1:]
    if part == "key" and isinstance(bound.step, int):
        # a position in a list is made of nothing
        return None
    wanted = (bound.step, *steps) if part == "value" else (Wild.KEYS,)
    return Meaning(bound.collection, bound.scope, wanted)


def _quoted(key: str | int) -> str:
    return str(key) if isinstance(key, int) else json.dumps(key, ensure_ascii=False).replace("${", "$${")
