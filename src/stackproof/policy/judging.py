"""Judges a stack by rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from stackproof.plan import Resource
from stackproof.policy.about import About
from stackproof.policy.case import Case
from stackproof.policy.facts import Facts
from stackproof.policy.finding import Finding
from stackproof.verdict import Verdict


class Judge(Protocol):
    """What judges a resource: a rule."""

    @property
    def about(self) -> About:
        """What the rule says of itself."""
        ...

    def judge(self, case: Case) -> None:
        """Say what is wrong with the resource of a case."""
        ...


@dataclass(frozen=True)
class Judgement:
    """What a rule makes of one resource: the address of the resource, and what was found."""

    rule: About
    address: str
    findings: tuple[Finding, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Fail where something is wrong for certain, else undecided where anything is, else pass."""
        return Verdict.worst([finding.verdict for finding in self.findings]) if self.findings else Verdict.PASS


def judge(rule: Judge, facts: Facts, options: Mapping[str, Any] | None = None) -> list[Judgement]:
    """What a rule makes of each resource of its types in a stack."""
    given = {**rule.about.options, **(options or {})}
    resources: Iterable[Resource] = (
        resource for kind in dict.fromkeys(rule.about.types) for resource in facts.resources(kind)
    )
    return [judge_resource(rule, resource, facts, given) for resource in resources]


def judge_resource(rule: Judge, resource: Resource, facts: Facts, options: Mapping[str, Any]) -> Judgement:
    """What a rule makes of one resource.

    A rule that fails with an error of its own gives a finding that says so: nothing passes unjudged.
    """
    case = Case(rule.about, resource, facts, options)
    try:
        with case.part():
            rule.judge(case)
    except Exception as error:  # noqa: BLE001  # a rule is anybody's code
        message = f"the rule failed: {type(error).__name__}: {error}"
        case.fail(message)
        case.findings[-1] = replace(case.findings[-1], is_error=True)
    return Judgement(rule.about, resource.address, tuple(dict.fromkeys(case.findings)))
