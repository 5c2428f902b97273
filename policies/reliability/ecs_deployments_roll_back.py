"""ECS services give up a failed deployment, and go back to what ran before."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

BREAKER = "deployment_circuit_breaker[0]"


class EcsDeploymentsRollBack(Rule):
    about = About(
        id="SP_REL_002",
        title="ECS services roll back failed deployments",
        severity=Severity.MEDIUM,
        types=("aws_ecs_service",),
        why="a revision that cannot start is tried without end, and replaces every task that dies",
        remedy="add deployment_circuit_breaker with enable = true and rollback = true",
        source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html",
    )

    def judge(self, case: Case) -> None:
        if case.given("deployment_controller[0].type", "ECS") != "ECS":
            return
        off = [name for name in ("enable", "rollback") if not case.given(f"{BREAKER}.{name}")]
        if off:
            case.fail(f"the deployment circuit breaker lacks {' and '.join(off)}", f"{BREAKER}.{off[0]}")


check = EcsDeploymentsRollBack()
