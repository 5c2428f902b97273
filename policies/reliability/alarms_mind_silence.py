"""Alarms say what it means when nothing is measured."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class AlarmsMindSilence(Rule):
    about = About(
        id="SP_REL_016",
        title="Alarms say what missing data means",
        severity=Severity.LOW,
        types=("aws_cloudwatch_metric_alarm",),
        why="by default an alarm does not go off when its metric falls silent, which may be the outage it is for",
        remedy="set treat_missing_data: breaching where silence is an outage, notBreaching where it is normal",
        source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html",
    )

    def judge(self, case: Case) -> None:
        if "treat_missing_data" not in case.resource.arguments:
            case.fail("it does not say what missing data means")


check = AlarmsMindSilence()
