"""Alarms tell somebody, or something, when they go off."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

NEEDED = {"actions_enabled": True, "alarm_actions": ()}
"""What an alarm needs, and what it has where nothing is set."""

WATCHERS = {
    "aws_appconfig_environment": "monitor",
    "aws_cloudwatch_composite_alarm": "alarm_rule",
    "aws_codedeploy_deployment_group": "alarm_configuration",
    "aws_ecs_service": "alarms",
    "aws_route53_health_check": "cloudwatch_alarm_name",
}
"""What looks at an alarm by itself, and where that names it."""


class AlarmsAct(Rule):
    about = About(
        id="SP_REL_015",
        title="Alarms do something when they go off",
        severity=Severity.MEDIUM,
        types=("aws_cloudwatch_composite_alarm", "aws_cloudwatch_metric_alarm"),
        why="it turns red where nobody looks, and users are the first to notice the failure",
        remedy="name in alarm_actions a topic that somebody reads, and leave actions_enabled at true",
        source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html",
    )

    def judge(self, case: Case) -> None:
        lacking = [path for path, default in NEEDED.items() if not case.given(path, default)]
        if lacking and not case.is_named_by(WATCHERS):
            for path in lacking:
                case.fail("nobody is told when it goes off", path)


check = AlarmsAct()
