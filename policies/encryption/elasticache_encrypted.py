"""Replication groups encrypt what they keep."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

YES = (True, "true")
"""The provider keeps the argument as a string."""


class ElasticacheEncrypted(Rule):
    about = About(
        id="SP_ENC_010",
        title="ElastiCache replication groups are encrypted at rest",
        severity=Severity.MEDIUM,
        types=("aws_elasticache_replication_group",),
        why="sessions and cached answers lie in plain text on disks during syncs and swaps, and in backups",
        remedy="set at_rest_encryption_enabled = true, which replaces the group",
        source="https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html",
    )

    def judge(self, case: Case) -> None:
        # a secondary group takes this from its global one
        default = case.given("engine") == "valkey" or bool(case.given("global_replication_group_id"))
        if case.given("at_rest_encryption_enabled", default) not in YES:
            case.fail("what it keeps is not encrypted", "at_rest_encryption_enabled")


check = ElasticacheEncrypted()
