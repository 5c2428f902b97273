"""Log groups are encrypted with a KMS key of the account's own, where the option asks for it."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class LogGroupHasOwnKey(Rule):
    about = About(
        id="SP_ENC_018",
        title="CloudWatch log groups are encrypted with a KMS key of your own",
        severity=Severity.LOW,
        types=("aws_cloudwatch_log_group",),
        why="CloudWatch's own key can be withheld from nobody who may read the logs",
        remedy="set kms_key_id to a key whose policy lets logs.REGION.amazonaws.com use it for the log group",
        source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
        options={"kms": False},
    )

    def judge(self, case: Case) -> None:
        if case.options["kms"] and not case.given("kms_key_id"):
            case.fail("it has no key of its own", "kms_key_id")


check = LogGroupHasOwnKey()
