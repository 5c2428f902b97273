"""Containers run without root rights on their host."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class ContainersNotPrivileged(Rule):
    about = About(
        id="SP_EXP_010",
        title="ECS containers are not privileged",
        severity=Severity.HIGH,
        types=("aws_ecs_task_definition",),
        why="whoever breaks into the container is root on the host, and so in every other container there",
        remedy="leave privileged out, and add the few Linux capabilities that are needed",
        source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html",
    )

    def judge(self, case: Case) -> None:
        for container in case.resource.document("container_definitions"):
            with case.part():
                if container.get("privileged"):
                    case.fail(f"container {container['name']} is privileged", "container_definitions")


check = ContainersNotPrivileged()
