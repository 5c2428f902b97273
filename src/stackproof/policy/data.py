"""A review as plain data, for programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stackproof.plan import Place
from stackproof.policy.finding import Finding
from stackproof.policy.review import Review

_Data = dict[str, Any]


def as_data(review: Review, root: Path) -> _Data:
    """The review as what JSON can hold; files are named relative to a root folder where they are below it."""
    return {
        "verdict": review.verdict.value,
        "environments": review.environments,
        "judged": review.judged,
        "rules": [
            {
                "id": about.id,
                "title": about.title,
                "severity": about.severity.value,
                "why": about.why,
                "remedy": about.remedy,
                "source": about.source,
            }
            for about in review.rules
        ],
        "findings": [_finding(finding, root) for finding in review.findings],
        "exceptions": [
            {
                "rule": exemption.rule,
                "reason": exemption.reason,
                "owner": exemption.owner,
                "expires": exemption.expires.isoformat() if exemption.expires else None,
                "written": exemption.where,
                "finding": _finding(finding, root),
            }
            for finding, exemption in review.excepted
        ],
        "known": [_finding(finding, root) for finding in review.known],
        "problems": review.problems,
    }


def _finding(finding: Finding, root: Path) -> _Data:
    return {
        "rule": finding.rule.id,
        "severity": finding.rule.severity.value,
        "verdict": finding.verdict.value,
        "address": finding.address,
        "path": finding.path,
        "message": finding.message,
        "place": _place(finding.place, root),
        "module_calls": [_place(place, root) for place in finding.module_calls],
        "environments": list(finding.environments),
        "is_error": finding.is_error,
    }


def _place(place: Place | None, root: Path) -> str | None:
    if place is None:
        return None
    file = place.file.relative_to(root) if place.file.is_relative_to(root) else place.file
    return f"{file}:{place.line}"
