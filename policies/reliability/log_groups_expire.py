"""Log groups keep events for a limited number of days, which the options bound."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class LogGroupsExpire(Rule):
    about = About(
        id="SP_REL_001",
        title="CloudWatch log groups have a retention",
        severity=Severity.LOW,
        types=("aws_cloudwatch_log_group",),
        why="events that are kept for ever cost more every month, and hold personal data that has to be deleted",
        remedy="set retention_in_days to the time in which somebody may still ask for the events",
        source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
        options={"least": 1, "most": 3653},
    )

    def judge(self, case: Case) -> None:
        least, most = case.options["least"], case.options["most"]
        days = case.given("retention_in_days", 0)
        # AWS itself empties groups for delivery
        if not least <= days <= most and case.given("log_group_class") != "DELIVERY":
            case.fail(f"it is {days}, where 0 means for ever, not {least} to {most} days", "retention_in_days")


check = LogGroupsExpire()
