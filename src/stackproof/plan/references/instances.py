"""The instances that a plan leads to, by what the configuration calls them, and their planned values."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from stackproof.plan.redaction import REDACTED
from stackproof.plan.references.expressions import Nth, Step, Wild
from stackproof.plan.values import is_marked

Key = str | int | None
"""An instance key: a number (count), a text (for_each) or None (neither)."""

_Raw = Mapping[str, Any]
_T = TypeVar("_T")

_MODULE = re.compile(r'module\.(?P<name>[^.\[\]"]+)(?:\[(?:(?P<number>\d+)|(?P<key>"(?:[^"\\]|\\.)*"))\])?(?:\.|$)')


class _UnknownType:
    """A value, or a part of one, that is known only after apply or not evaluated here."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _UnknownType()


class Instances:
    """Indexes over the instances of a plan document; those that the plan deletes are none."""

    def __init__(self, document: _Raw) -> None:
        self._document = document

    def resources(self, module: str, mode: str, type: str, name: str) -> Mapping[Key, str]:
        """The addresses of a resource's instances in a module instance, by key."""
        return self._by_name.get((module, mode, type, name), {})

    def modules(self, parent: str, name: str) -> Mapping[Key, str]:
        """The addresses of the instances of a module call, by key: those that have resources."""
        return self._calls.get((parent, name), {})

    def identity(self, address: str) -> tuple[str, str, str, str, Key] | None:
        """Module address, mode, type, name and key of the instance with an address; None where there is none."""
        raw = self._raw.get(address)
        if raw is None:
            return None
        return raw.get("module_address", ""), raw["mode"], raw["type"], raw["name"], raw.get("index")

    def values(self, address: str) -> Any:  # noqa: ANN401
        """The planned values of an instance, with UNKNOWN in them; UNKNOWN where there is no such instance."""
        if address not in self._values:
            raw = self._raw.get(address)
            if raw is None:
                self._values[address] = UNKNOWN
            elif "change" in raw:
                detail = raw["change"]
                self._values[address] = _planned(detail.get("after"), detail.get("after_unknown"))
            else:
                self._values[address] = _planned(raw.get("values"), None)
        return self._values[address]

    def is_unknown(self, address: str, steps: tuple[Step, ...]) -> bool:
        """Whether something in the value at the steps is known only after apply."""
        return _is_unknown(self._raw.get(address), steps)

    def is_output_unknown(self, name: str, steps: tuple[Step, ...]) -> bool:
        """Whether something in the value of a root output is known only after apply."""
        return _is_unknown({"change": self._document.get("output_changes", {}).get(name, {})}, steps)

    def output(self, name: str) -> Any:  # noqa: ANN401
        """The planned value of a root output."""
        detail = self._document.get("output_changes", {}).get(name)
        return UNKNOWN if detail is None else _planned(detail.get("after"), detail.get("after_unknown"))

    def variable(self, name: str) -> Any:  # noqa: ANN401
        """The value of a root variable; UNKNOWN where the plan does not tell."""
        entry = self._document.get("variables", {}).get(name)
        return UNKNOWN if entry is None else _planned(entry.get("value"), None)

    @cached_property
    def _values(self) -> dict[str, Any]:
        return {}

    @cached_property
    def _raw(self) -> Mapping[str, _Raw]:
        prior = self._document.get("prior_state", {}).get("values", {}).get("root_module", {})
        found = {raw["address"]: raw for raw in _state_data(prior)}
        for raw in self._document.get("resource_changes", ()):
            if "deposed" not in raw and raw["change"]["actions"] not in (["delete"], ["forget"]):
                found[raw["address"]] = raw
        return found

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str, str, str], Mapping[Key, str]]:
        groups: dict[tuple[str, str, str, str], dict[Key, str]] = defaultdict(dict)
        for address, raw in self._raw.items():
            group = raw.get("module_address", ""), raw["mode"], raw["type"], raw["name"]
            groups[group][raw.get("index")] = address
        return groups

    @cached_property
    def _calls(self) -> Mapping[tuple[str, str], Mapping[Key, str]]:
        calls: dict[tuple[str, str], dict[Key, str]] = defaultdict(dict)
        for address in dict.fromkeys(raw.get("module_address", "") for raw in self._raw.values()):
            for parent, name, key, child in module_steps(address):
                calls[parent, name][key] = child
        return calls


def module_steps(address: str) -> Iterator[tuple[str, str, Key, str]]:
    """For each module call on the way to a module address: the caller's address, name, key, and the address so far."""
    parent = ""
    for match in _MODULE.finditer(address):
        child = address[: match.end()].removesuffix(".")
        key = int(match["number"]) if match["number"] else _unquoted(match["key"]) if match["key"] else None
        yield parent, match["name"], key, child
        parent = child


def below_single(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps below a single object, which a splat takes for a list of one."""
    while steps and not isinstance(steps[0], str):
        steps = steps[1:]
    return steps


def choose(group: Mapping[Any, _T], steps: tuple[Step, ...]) -> tuple[Sequence[_T], tuple[Step, ...], bool]:
    """The instances to which the first step leads, the other steps, and whether it leads to all of these."""
    if None in group or not steps:
        return tuple(group.values()), steps, True
    first, rest = steps[0], steps[1:]
    match first:
        case int() | str() if first in group:
            return (group[first],), rest, True
        case Wild.EVERY:
            return tuple(group.values()), rest, True
        case Wild.KEYS:
            return (), (), True
        case Nth(number) if len(group) - 1 in group and Wild.SOME not in group:
            return (group[number % len(group)],), rest, True
        case int() | str():
            same = tuple(instance for key, instance in group.items() if str(key) == str(first))
            if same or any(type(key) is type(first) for key in group):
                return same, rest, True
    return tuple(group.values()), rest, len(group) < 2


def _unquoted(text: str) -> str:
    return str(json.loads(text)).replace("$${", "${").replace("%%{", "%{")


def _state_data(root: _Raw) -> Iterator[_Raw]:
    """The data sources in a state, each with its module's address."""
    pending = [root]
    while pending:
        module = pending.pop()
        for raw in module.get("resources", ()):
            if raw["mode"] == "data":
                yield {**raw, "module_address": module.get("address", "")}
        pending.extend(module.get("child_modules", ()))


def _is_unknown(raw: _Raw | None, steps: tuple[Step, ...]) -> bool:
    flags = (raw or {}).get("change", {}).get("after_unknown")
    for step in steps:
        if flags is True:
            return True
        if isinstance(flags, dict):
            flags = flags.get(str(step))
        else:
            flags = flags[step] if isinstance(flags, list) and isinstance(step, int) and step < len(flags) else None
    return is_marked(flags)


def _planned(known: Any, unknown: Any) -> Any:  # noqa: ANN401
    if unknown is True or known == REDACTED:
        return UNKNOWN
    if isinstance(known, dict) or (known is None and isinstance(unknown, dict)):
        known, unknown = known or {}, unknown if isinstance(unknown, dict) else {}
        return {key: _planned(known.get(key), unknown.get(key)) for key in {**known, **unknown}}
    if isinstance(known, list):
        flags = unknown if isinstance(unknown, list) else []
        return [_planned(item, flags[number] if number < len(flags) else None) for number, item in enumerate(known)]
    return known
