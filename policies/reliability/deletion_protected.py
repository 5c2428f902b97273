"""In production, what holds data or takes traffic in cannot be deleted by mistake."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

PROTECTION = {
    "aws_alb": "enable_deletion_protection",
    "aws_cognito_user_pool": "deletion_protection",
    "aws_db_instance": "deletion_protection",
    "aws_docdb_cluster": "deletion_protection",
    "aws_docdb_global_cluster": "deletion_protection",
    "aws_dsql_cluster": "deletion_protection_enabled",
    "aws_dynamodb_table": "deletion_protection_enabled",
    "aws_lb": "enable_deletion_protection",
    "aws_neptune_cluster": "deletion_protection",
    "aws_neptune_global_cluster": "deletion_protection",
    "aws_networkfirewall_firewall": "delete_protection",
    "aws_rds_cluster": "deletion_protection",
    "aws_rds_global_cluster": "deletion_protection",
}


class DeletionProtected(Rule):
    about = About(
        id="SP_REL_009",
        title="Databases, user pools and load balancers in production are protected from deletion",
        severity=Severity.MEDIUM,
        types=tuple(PROTECTION),
        why="a changed name or a wrong command deletes it, and its data or its address is gone",
        remedy="switch its deletion protection on; turning it off again is then a change of its own",
        source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
        options={"environments": ("prod",)},
    )

    def judge(self, case: Case) -> None:
        if not case.is_in(case.options["environments"]) or case.given("replicate_source_db"):  # replicas lose nothing
            return
        path = PROTECTION[case.resource.type]
        if case.given(path) not in (True, "ACTIVE"):
            case.fail("it is not protected from deletion", path)


check = DeletionProtected()
