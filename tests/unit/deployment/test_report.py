"""The figures of a trial, as the summary tells them."""

from __future__ import annotations

from stackproof.deployment import Report


def test_what_was_applied_is_told_with_its_calls() -> None:
    report = Report("jobs", "test", resources=6, seconds=33.4, calls=1203)
    assert list(report.lines()) == [("applied", "6 resources in 33 s"), ("API calls", "1,203")]


def test_where_only_faults_were_tried_nothing_is_said_of_an_apply() -> None:
    report = Report("jobs", "test", faults=(1, 1))
    assert list(report.lines()) == [("faults", "1 of 1 survived")]
