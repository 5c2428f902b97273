"""Checks of checkov's own as rules: they judge the resolved plan, and unknown values leave them undecided.

checkov reads a value that is known only after apply as one that is missing, and most checks fail it. Here a check is
asked several times, with one and another value in the place of what is not known: where its answer depends on that,
nobody can tell. What a check wants to see is among the values, as far as it says so.
"""

from __future__ import annotations

import fnmatch
import functools
import itertools
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from stackproof.errors import PolicyError
from stackproof.plan import Resource
from stackproof.plan.values import Sensitive, Unknown
from stackproof.plan.wiring import Traced
from stackproof.policy.about import About, Severity
from stackproof.policy.case import Case
from stackproof.policy.loading import require_checkov
from stackproof.verdict import Undecided

_Data = Any

GUIDE = "https://www.checkov.io/5.Policy%20Index/terraform.html"

_NUMBERS = itertools.count()

MISSING = object()
STAND_INS = (MISSING, True, False, 1, 10**6, "unknown")
"""What may be in the place of an unknown value: one of them turns the answer of a check that depends on it."""


class BuiltinRule:
    """One of checkov's checks."""

    def __init__(self, check: _Data) -> None:
        self._check = check
        self.about = About(
            id=check.id,
            title=check.name,
            severity=Severity.MEDIUM,
            types=tuple(check.supported_resources),
            why="checkov tells it from many stacks as a weakness",
            remedy="set what the check is about, or write down why not as an exception",
            source=check.guideline or GUIDE,
        )

    def judge(self, case: Case) -> None:
        """Run the check on the resource as checkov would see it."""
        from checkov.common.models.enums import CheckResult

        unknown: list[Unknown] = []
        given = _given(case.resource, unknown)
        results = [self._result(case.resource, given, stand_in) for stand_in in self._stand_ins(unknown)]
        path = next(iter(self._paths(case.resource)), "")
        if len(set(results)) > 1 or any(value.path == path for value in unknown):
            first = next((value for value in unknown if value.path == path), unknown[0])
            raise Undecided(case.resource.address, first.path, first.reason)
        if results[0] is CheckResult.FAILED:
            case.fail("the check fails", path)

    def _stand_ins(self, unknown: Collection[Unknown]) -> list[_Data]:
        if not unknown:
            return [MISSING]
        named: list[_Data] = []
        for method in ("get_expected_values", "get_forbidden_values"):
            values: Collection[_Data] = getattr(self._check, method, tuple)()
            named += [value for value in values if isinstance(value, str | int | bool)]
        return [*STAND_INS, *named]

    def _result(self, resource: Resource, given: _Data, stand_in: _Data) -> _Data:
        from checkov.terraform.plan_parser import _hclify

        conf: dict[str, _Data] = _hclify(obj=_with(given, stand_in), conf=None, resource_type=resource.type)
        conf["__address__"] = resource.address
        self._check.graph = None
        self._check.evaluated_keys = []
        # checks of policies keep a document by this, so that it must never be the same twice
        self._check.entity_path = f"{resource.address}:{next(_NUMBERS)}"
        result = self._check.scan_entity_conf(conf, resource.type)
        return result[0] if isinstance(result, tuple) else result

    def _paths(self, resource: Resource) -> Iterator[str]:
        for key in self._check.get_evaluated_keys():
            path = str(key).strip("/").replace("/[", "[").replace("/", ".")
            path = path.removesuffix("[0]")
            if path and not path.startswith("[") and resource.get(path.split("[")[0].split(".")[0]) is not None:
                yield path


@functools.cache
def _registry() -> Mapping[str, _Data]:
    require_checkov()
    import checkov.terraform  # noqa: F401  # registers every check
    from checkov.terraform.checks.resource.registry import resource_registry

    listed = [*resource_registry.checks.values(), *resource_registry.wildcard_checks.values()]
    return {check.id: check for checks in listed for check in checks}


def builtin(rule: str, excluded: Collection[str] = ()) -> tuple[BuiltinRule, ...]:
    """The check of an id such as CKV_AWS_18, or all of a set such as CKV_AWS_* without those that are excluded.

    Raises PolicyError where checkov has none of that id for resources.
    """
    known = _registry()
    found = fnmatch.filter(known, rule) if "*" in rule else [rule]
    for number in (*excluded, *found):
        if number not in known:
            raise _unknown(number)
    if not found:
        raise _unknown(rule)
    return tuple(BuiltinRule(known[number]) for number in found if number not in excluded)


def _unknown(rule: str) -> PolicyError:
    return PolicyError(
        f"there is no rule {rule}",
        remedy="`checkov --list --framework terraform` lists checkov's own; graph checks (CKV2) are left out.",
    )


def _given(resource: Resource, unknown: list[Unknown]) -> dict[str, _Data]:
    """What the configuration gives as plain data; unknown values stay, and are collected."""
    return {
        name: _plain(value, unknown)
        for name, value in resource.values.items()
        if not (isinstance(value, Unknown) and resource.leaves_out(name))
    }


def _plain(value: _Data, unknown: list[Unknown]) -> _Data:
    if isinstance(value, Unknown):
        unknown.append(value)
    if isinstance(value, Sensitive):
        return "********"
    if isinstance(value, Traced):
        return str.__str__(value)
    if isinstance(value, dict):
        return {key: _plain(item, unknown) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, unknown) for item in value]
    return value


def _with(value: _Data, stand_in: _Data) -> _Data:
    """The value with something in the place of all that is unknown."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if not (isinstance(item, Unknown) and stand_in is MISSING)}
        return {key: _with(item, stand_in) for key, item in kept.items()}
    if isinstance(value, list):
        return [_with(item, stand_in) for item in value if not (isinstance(item, Unknown) and stand_in is MISSING)]
    return stand_in if isinstance(value, Unknown) else value
