"""The base of every rule: a custom check of checkov that judges a whole resource of a stack.

https://www.checkov.io/3.Custom%20Policies/Python%20Custom%20Policies.html

Stackproof judges resolved plans with it. Where checkov itself loads the folder of rules, the same rules judge what
checkov read: HCL, or a plan.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from checkov.common.bridgecrew.severities import Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from stackproof.plan.paths import parse_path
from stackproof.policy.about import About, Severity
from stackproof.policy.case import Case
from stackproof.verdict import Verdict

__all__ = ["About", "Case", "Rule", "Severity"]

_RESULTS = {
    Verdict.PASS: CheckResult.PASSED,
    Verdict.FAIL: CheckResult.FAILED,
    Verdict.UNDECIDED: CheckResult.UNKNOWN,
}


class Rule(BaseResourceCheck):
    """A rule. Its file makes one instance, by which checkov knows it."""

    about: ClassVar[About]

    def __init__(self) -> None:
        about = self.about
        super().__init__(
            name=about.title,
            id=about.id,
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=list(about.types),
            guideline=about.source,
        )
        self.severity = Severities[about.severity.upper()]  # type: ignore[assignment]  # checkov's is None

    @abstractmethod
    def judge(self, case: Case) -> None:
        """Call `case.fail` for everything that is wrong with `case.resource`.

        May raise Undecided, as every use of an unknown value does.
        """

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """Judge a resource as checkov read it; UNKNOWN where that leaves it undecided."""
        from stackproof.policy import within_checkov

        found = within_checkov.judgement(self, self.graph, conf)
        if found is None:
            return CheckResult.UNKNOWN
        self.evaluated_keys = [_key(finding.path) for finding in found.findings if finding.path]
        self.details = [finding.message for finding in found.findings]
        return _RESULTS[found.verdict]


def _key(path: str) -> str:
    """A path as checkov writes it."""
    return "/".join(f"[{step}]" if isinstance(step, int) else str(step) for step in parse_path(path))
