"""In production, a database leaves a snapshot when it is deleted."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class DatabasesLeaveASnapshot(Rule):
    about = About(
        id="SP_REL_012",
        title="Databases in production leave a snapshot when they are deleted",
        severity=Severity.MEDIUM,
        types=(
            "aws_db_instance",
            "aws_docdb_cluster",
            "aws_lightsail_database",
            "aws_neptune_cluster",
            "aws_rds_cluster",
            "aws_redshift_cluster",
        ),
        why="automatic backups are deleted with their database, and then nothing of its data is left",
        remedy="leave skip_final_snapshot at false, and name the snapshot in final_snapshot_identifier",
        source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
        options={"environments": ("prod",)},
    )

    def judge(self, case: Case) -> None:
        if not case.is_in(case.options["environments"]) or case.given("replicate_source_db"):  # replicas lose nothing
            return
        if case.given("skip_final_snapshot"):
            case.fail("it is deleted without a snapshot", "skip_final_snapshot")


check = DatabasesLeaveASnapshot()
