"""A review as SARIF 2.1.0, which code hosts show beside the lines of a change.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stackproof import __version__
from stackproof.plan import Place
from stackproof.policy.about import About, Severity
from stackproof.policy.exceptions import Exemption
from stackproof.policy.finding import Finding
from stackproof.policy.review import Review
from stackproof.verdict import Verdict

_Data = dict[str, Any]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "stackproofFinding/v1"

LEVELS: Mapping[Severity, str] = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
SCORES: Mapping[Severity, str] = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.5",
}
"""What GitHub sorts by: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning."""


def as_sarif(review: Review, root: Path) -> _Data:
    """The review; files are named relative to a root folder where they are below it.

    What is undecided is of the kind "open" (SARIF 3.27.9), which is no failure. What an exception covers is there as
    suppressed, what a baseline holds as unchanged.
    """
    results = [_result(finding, root) for finding in review.findings]
    results += [_result(finding, root) | _suppressed(exemption) for finding, exemption in review.excepted]
    results += [_result(finding, root) | {"baselineState": "unchanged"} for finding in review.known]
    run: _Data = {
        "tool": {
            "driver": {
                "name": "stackproof",
                "version": __version__,
                "rules": [_rule(about) for about in review.rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": results,
        "invocations": [
            {
                "executionSuccessful": not review.problems,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": problem}} for problem in review.problems
                ],
            }
        ],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(about: About) -> _Data:
    return {
        "id": about.id,
        "shortDescription": {"text": about.title},
        "fullDescription": {"text": f"{about.title}. Why: {about.why}."},
        "help": {"text": f"{about.remedy}. See {about.source}"},
        "helpUri": about.source,
        "defaultConfiguration": {"level": LEVELS[about.severity]},
        "properties": {"security-severity": SCORES[about.severity], "tags": ["security", "terraform"]},
    }


def _result(finding: Finding, root: Path) -> _Data:
    is_open = finding.verdict is Verdict.UNDECIDED
    named = f"{finding.address}: {finding.path}" if finding.path else finding.address
    places = f" ({', '.join(finding.environments)})" if any(finding.environments) else ""
    result: _Data = {
        "ruleId": finding.rule.id,
        "kind": "open" if is_open else "fail",
        "level": "none" if is_open else LEVELS[finding.rule.severity],
        "message": {"text": f"{named}: {finding.message}{places}. {finding.rule.remedy}"},
        "partialFingerprints": {FINGERPRINT: hashlib.sha256("\0".join(finding.key).encode()).hexdigest()},
        "locations": [_location(finding.place, root) | _logical(finding.address)],
    }
    if finding.module_calls:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": "called from here"}} | _location(place, root)
            for number, place in enumerate(finding.module_calls)
        ]
    return result


def _location(place: Place | None, root: Path) -> _Data:
    if place is None:
        return {}
    file, top = place.file.resolve(), root.resolve()
    artifact: _Data = {"uri": file.as_uri()}
    if file.is_relative_to(top):
        artifact = {"uri": file.relative_to(top).as_posix(), "uriBaseId": "%SRCROOT%"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": place.line}}}


def _logical(address: str) -> _Data:
    return {"logicalLocations": [{"fullyQualifiedName": address, "kind": "resource"}]}


def _suppressed(exemption: Exemption) -> _Data:
    kind = "external" if exemption.owner else "inSource"
    return {"suppressions": [{"kind": kind, "justification": exemption.reason}]}
