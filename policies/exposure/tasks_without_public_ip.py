"""ECS tasks get no public addresses."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

NETWORKS = {
    "aws_ecs_service": "network_configuration[0]",
    "aws_ecs_task_set": "network_configuration[0]",
    "aws_cloudwatch_event_target": "ecs_target[0].network_configuration[0]",
    "aws_scheduler_schedule": "target[0].ecs_parameters[0].network_configuration[0]",
}
"""What starts tasks, and where it says into which network."""


class TasksWithoutPublicIp(Rule):
    about = About(
        id="SP_EXP_004",
        title="ECS tasks have no public addresses",
        severity=Severity.HIGH,
        types=tuple(NETWORKS),
        why="one careless rule of a security group then opens the task to the internet, past the load balancer",
        remedy="set assign_public_ip = false and place tasks in private subnets, with a NAT gateway or VPC endpoints",
        source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html",
    )

    def judge(self, case: Case) -> None:
        path = f"{NETWORKS[case.resource.type]}.assign_public_ip"
        if case.given(path):
            case.fail("tasks get public addresses", path)


check = TasksWithoutPublicIp()
