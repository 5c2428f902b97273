"""ECS services behind a load balancer give their tasks time to start."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class EcsTasksMayStart(Rule):
    about = About(
        id="SP_REL_003",
        title="ECS services behind a load balancer have a health check grace period",
        severity=Severity.LOW,
        types=("aws_ecs_service",),
        why="a task that starts slowly fails its first health checks, and is stopped before it serves anybody",
        remedy="set health_check_grace_period_seconds to more than the slowest start takes",
        source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html",
    )

    def judge(self, case: Case) -> None:
        path = "health_check_grace_period_seconds"
        if case.blocks("load_balancer") and not case.given(path):
            case.fail("its tasks have no time to start in", path)


check = EcsTasksMayStart()
