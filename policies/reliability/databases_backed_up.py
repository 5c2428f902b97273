"""In production, databases are backed up every day, and each backup is kept for some days."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

RETENTION = {
    "aws_db_instance": "backup_retention_period",
    "aws_docdb_cluster": "backup_retention_period",
    "aws_docdbelastic_cluster": "backup_retention_period",
    "aws_neptune_cluster": "backup_retention_period",
    "aws_rds_cluster": "backup_retention_period",
    "aws_redshift_cluster": "automated_snapshot_retention_period",
}


class DatabasesBackedUp(Rule):
    about = About(
        id="SP_REL_013",
        title="Databases in production are backed up, and backups are kept",
        severity=Severity.HIGH,
        types=tuple(RETENTION),
        why="a mistake that nobody notices for a few days can no longer be undone: every backup has it",
        remedy="set backup_retention_period to 7 days or more",
        source="https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-11",
        options={"environments": ("prod",), "least": 7},
    )

    def judge(self, case: Case) -> None:
        if not case.is_in(case.options["environments"]) or case.given("replicate_source_db"):  # replicas lose nothing
            return
        path, least = RETENTION[case.resource.type], case.options["least"]
        days = case.given(path, 0)
        if days < least:
            case.fail(f"{path} is {days or 'not set'}, and {least} days are asked", path)


check = DatabasesBackedUp()
