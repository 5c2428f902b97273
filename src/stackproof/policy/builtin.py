"""Checks of checkov's own as rules: they judge the resolved plan, and unknown values leave them undecided.

checkov reads a value that is known only after apply as one that is missing, and most checks fail it. Here such a value
is in its place, and whatever a check does with it other than passing it on says so. A check that asks an unknown value
for its type goes another way without using it, which counts, too.
"""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from stackproof.errors import PolicyError
from stackproof.plan import Resource
from stackproof.plan.values import Sensitive, Unknown
from stackproof.plan.wiring import Traced
from stackproof.policy.about import About, Severity
from stackproof.policy.case import Case
from stackproof.verdict import Undecided

_Data = Any

GUIDE = "https://www.checkov.io/5.Policy%20Index/terraform.html"


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

        noted: list[Unknown] = []
        conf = _hcl(case.resource, noted)
        self._check.graph = None
        self._check.evaluated_keys = []
        result = self._check.scan_entity_conf(conf, case.resource.type)
        result = result[0] if isinstance(result, tuple) else result
        path = next(iter(self._paths(case.resource)), "")
        if result == CheckResult.FAILED:
            if noted:
                raise Undecided(case.resource.address, noted[0].path, noted[0].reason)
            case.fail("the check fails", path)
        elif result == CheckResult.PASSED and noted and path == noted[0].path:
            raise Undecided(case.resource.address, noted[0].path, noted[0].reason)

    def _paths(self, resource: Resource) -> Iterator[str]:
        for key in self._check.get_evaluated_keys():
            path = str(key).strip("/").replace("/[", "[").replace("/", ".")
            path = path.removesuffix("[0]")
            if path and not path.startswith("[") and resource.get(path.split("[")[0].split(".")[0]) is not None:
                yield path


@functools.cache
def _registry() -> Mapping[str, _Data]:
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


class _Noting(list[_Data]):
    """A list that notes when an unknown element is taken out of it."""

    def __init__(self, items: Iterable[_Data] = (), noted: list[Unknown] | None = None) -> None:
        super().__init__(items)
        # a check may make lists of its own of the same kind
        self._noted = [] if noted is None else noted

    def __getitem__(self, index: _Data) -> _Data:
        item = super().__getitem__(index)
        self._note(item)
        return item

    def __iter__(self) -> Iterator[_Data]:
        for item in super().__iter__():
            self._note(item)
            yield item

    def _note(self, item: _Data) -> None:
        if isinstance(item, Unknown):
            self._noted.append(item)


def _hcl(resource: Resource, noted: list[Unknown]) -> dict[str, _Data]:
    """A resource's values as checkov has those of a plan: every value in a list, nested blocks as lists of them."""
    from checkov.terraform.plan_parser import _hclify

    given = {
        name: _plain(value)
        for name, value in resource.values.items()
        if not (isinstance(value, Unknown) and resource.arguments and name not in resource.arguments)
    }
    made: dict[str, _Data] = _hclify(obj=given, conf=None, resource_type=resource.type)
    made["__address__"] = resource.address
    unknown = {name: value for name, value in resource.values.items() if name in given}
    return {**_noting(made, noted), **_left_out(unknown, noted)}


def _plain(value: _Data) -> _Data:
    if isinstance(value, Sensitive):
        return "********"
    if isinstance(value, Traced):
        return str.__str__(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _noting(value: _Data, noted: list[Unknown]) -> _Data:
    if isinstance(value, dict):
        return {key: _noting(item, noted) for key, item in value.items()}
    if isinstance(value, list):
        return _Noting([_noting(item, noted) for item in value], noted)
    return value


def _left_out(values: Mapping[str, _Data], noted: list[Unknown]) -> dict[str, _Data]:
    """What checkov's reading of a plan leaves out: unknown values, which it takes for missing ones."""
    return {name: _Noting([value], noted) for name, value in values.items() if isinstance(value, Unknown)}
