"""In production, a database has a standby in another availability zone."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class DatabasesHaveAStandby(Rule):
    about = About(
        id="SP_REL_006",
        title="Databases in production have a standby in another zone",
        severity=Severity.MEDIUM,
        types=("aws_db_instance", "aws_rds_cluster"),
        why="when the zone or the machine of the one instance fails, the database is down until a backup is restored",
        remedy="set multi_az = true, or give an Aurora cluster a second aws_rds_cluster_instance",
        source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.html",
        options={"environments": ("prod",)},
    )

    def judge(self, case: Case) -> None:
        if not case.is_in(case.options["environments"]):
            return
        if case.resource.type == "aws_rds_cluster":
            instances = case.stack.resources("aws_rds_cluster_instance")
            members = [one for one in instances if one.wired("cluster_identifier").is_any_of(case.resource)]
            # a Multi-AZ cluster, which names a class for its instances, has three
            alone = len(members) < 2 and not case.given("db_cluster_instance_class")
        else:
            # the database that a replica is made of is judged itself
            alone = not case.given("multi_az") and not case.given("replicate_source_db")
        if alone:
            case.fail("it has no standby", "multi_az")


check = DatabasesHaveAStandby()
