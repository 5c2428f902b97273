"""Databases encrypt their storage."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

SOURCES = ("replicate_source_db", "replication_source_identifier", "source_db_cluster_identifier")
"""What a replica, or a global cluster, is made of: it is encrypted where that is."""


class DatabaseEncrypted(Rule):
    about = About(
        id="SP_ENC_008",
        title="Databases encrypt their storage",
        severity=Severity.HIGH,
        types=(
            "aws_db_instance",
            "aws_docdb_cluster",
            "aws_docdb_global_cluster",
            "aws_neptune_cluster",
            "aws_neptune_global_cluster",
            "aws_rds_cluster",
            "aws_rds_global_cluster",
        ),
        why="data, logs, backups and snapshots are kept in plain text, and that cannot be changed for a live database",
        remedy="set storage_encrypted = true, and kms_key_id for a key of your own",
        source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html",
    )

    def judge(self, case: Case) -> None:
        inherits = any(case.given(source) for source in SOURCES)
        # the first Aurora Serverless knows nothing else
        is_serverless = case.given("engine_mode") == "serverless"
        if not (inherits or is_serverless or case.given("storage_encrypted")):
            case.fail("storage is not encrypted", "storage_encrypted")


check = DatabaseEncrypted()
