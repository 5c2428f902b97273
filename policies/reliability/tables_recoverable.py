"""In production, DynamoDB tables can be restored as they were at any second."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class TablesRecoverable(Rule):
    about = About(
        id="SP_REL_014",
        title="DynamoDB tables in production have point-in-time recovery",
        severity=Severity.MEDIUM,
        types=("aws_dynamodb_table",),
        why="items that a faulty program overwrites or deletes are gone: by default a table has no backups",
        remedy="add point_in_time_recovery with enabled = true",
        source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html",
        options={"environments": ("prod",)},
    )

    def judge(self, case: Case) -> None:
        path = "point_in_time_recovery[0].enabled"
        if case.is_in(case.options["environments"]) and not case.given(path):
            case.fail("it cannot be restored as it was", path)


check = TablesRecoverable()
