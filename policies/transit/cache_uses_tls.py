"""ElastiCache caches speak TLS only."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class CacheUsesTls(Rule):
    about = About(
        id="SP_TLS_008",
        title="ElastiCache speaks TLS only",
        severity=Severity.MEDIUM,
        types=("aws_elasticache_replication_group", "aws_elasticache_cluster"),
        why="whoever is on the path inside the VPC reads the cached data and the password of the cache",
        remedy='set transit_encryption_enabled = true, and transit_encryption_mode, if at all, to "required"',
        source="https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html",
    )

    def judge(self, case: Case) -> None:
        if case.resource.type == "aws_elasticache_cluster" and case.given("replication_group_id") is not None:
            return  # the replication group says it for its members
        if not case.given("transit_encryption_enabled"):
            case.fail("the cache takes connections without TLS", "transit_encryption_enabled")
        elif case.given("transit_encryption_mode") == "preferred":
            case.fail("the cache takes connections without TLS, too", "transit_encryption_mode")


check = CacheUsesTls()
