"""SARIF holds to its schema, and tells code hosts what they show."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from stackproof.plan.source import Place
from stackproof.policy.about import About, Severity
from stackproof.policy.exceptions import Exemption
from stackproof.policy.finding import Finding
from stackproof.policy.review import Outcome, Review
from stackproof.policy.sarif import FINGERPRINT, as_sarif
from stackproof.verdict import Verdict

SCHEMA = Path(__file__).parents[1] / "data/sarif-2.1.0.json"
"""The schema of the standard: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/."""

ABOUT = About("T_001", "title", Severity.HIGH, "why", "remedy", "https://example.com")
FINDING = Finding(
    ABOUT,
    Verdict.FAIL,
    "module.a.aws_x.b",
    "it is open",
    "rule[0]",
    Place(Path("/stack/modules/a/main.tf"), 7),
    (Place(Path("/stack/main.tf"), 3),),
    ("dev", "prod"),
)


def sarif(*findings: Finding, root: str = "/stack", **others: Any) -> dict[str, Any]:
    review = Review([Outcome((ABOUT,), judged=1, findings=findings, **others)], ["a rule is broken"], ["dev"])
    data = as_sarif(review, Path(root))
    jsonschema.Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(data)
    run: dict[str, Any] = data["runs"][0]
    return run


def test_a_finding_has_rule_message_and_places() -> None:
    run = sarif(FINDING)
    (result,) = run["results"]
    assert (result["ruleId"], result["level"], result["kind"]) == ("T_001", "error", "fail")
    assert result["message"]["text"] == "module.a.aws_x.b: rule[0]: it is open (dev, prod). remedy"
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "modules/a/main.tf", "uriBaseId": "%SRCROOT%"}
    assert physical["region"] == {"startLine": 7}
    assert result["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 3}
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["T_001"]


@pytest.mark.parametrize(
    ("severity", "level"),
    [(Severity.CRITICAL, "error"), (Severity.HIGH, "error"), (Severity.MEDIUM, "warning"), (Severity.LOW, "note")],
)
def test_severities_are_levels(severity: Severity, level: str) -> None:
    assert sarif(replace(FINDING, rule=replace(ABOUT, severity=severity)))["results"][0]["level"] == level


def test_what_is_undecided_is_open_and_no_failure() -> None:
    (result,) = sarif(replace(FINDING, verdict=Verdict.UNDECIDED))["results"]
    assert (result["kind"], result["level"]) == ("open", "none")


def test_a_fingerprint_stays_when_lines_move_and_changes_with_what_is_wrong() -> None:
    def fingerprint(finding: Finding) -> str:
        return str(sarif(finding)["results"][0]["partialFingerprints"][FINGERPRINT])

    assert fingerprint(FINDING) == fingerprint(replace(FINDING, place=Place(Path("/stack/other.tf"), 1)))
    others = [replace(FINDING, message="other"), replace(FINDING, path="rule[1]"), replace(FINDING, address="aws_x.c")]
    assert len({fingerprint(FINDING), *map(fingerprint, others)}) == 4


def test_exceptions_and_what_is_known_are_there_but_do_not_count() -> None:
    beside = Exemption("T_001", "*", "it is empty", where="main.tf:3")
    written = replace(beside, owner="platform")
    results = sarif(excepted=((FINDING, beside), (replace(FINDING, path=""), written)), known=(FINDING,))["results"]
    assert [one.get("suppressions", [{}])[0].get("kind") for one in results] == ["inSource", "external", None]
    assert results[0]["suppressions"][0]["justification"] == "it is empty"
    assert results[2]["baselineState"] == "unchanged"


def test_files_elsewhere_and_findings_without_a_place_are_told() -> None:
    bare = replace(FINDING, address="module.a.aws_x.c", place=None, module_calls=())
    elsewhere, nowhere = sarif(FINDING, bare, root="/other")["results"]
    assert elsewhere["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "file:///stack/modules/a/main.tf"
    }
    assert nowhere["locations"] == [{"logicalLocations": [{"fullyQualifiedName": bare.address, "kind": "resource"}]}]


def test_problems_say_that_the_run_was_no_success() -> None:
    (invocation,) = sarif(FINDING)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "a rule is broken"
