"""Databases and brokers have no public addresses."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

BY_DEFAULT = {
    "aws_db_instance": False,
    "aws_dms_replication_instance": False,
    "aws_mq_broker": False,
    "aws_neptune_cluster_instance": False,
    "aws_rds_cluster_instance": False,
    "aws_redshift_cluster": True,
    "aws_redshiftserverless_workgroup": False,
}
"""Whether each is public where nothing is said."""


class DatabasesNotPublic(Rule):
    about = About(
        id="SP_EXP_009",
        title="Databases and brokers are not public",
        severity=Severity.CRITICAL,
        types=tuple(BY_DEFAULT),
        why="only a password stands between the internet and the data",
        remedy="set publicly_accessible = false and place it in private subnets",
        source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
    )

    def judge(self, case: Case) -> None:
        if case.given("publicly_accessible", BY_DEFAULT[case.resource.type]):
            case.fail("it has a public address", "publicly_accessible")


check = DatabasesNotPublic()
