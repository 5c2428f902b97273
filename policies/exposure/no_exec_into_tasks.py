"""Nobody can open a shell in a task of an environment that matters."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

SWITCHES = {
    "aws_ecs_service": "enable_execute_command",
    "aws_cloudwatch_event_target": "ecs_target[0].enable_execute_command",
    "aws_scheduler_schedule": "target[0].ecs_parameters[0].enable_execute_command",
}
"""What starts tasks, and where it switches ECS Exec on."""


class NoExecIntoTasks(Rule):
    about = About(
        id="SP_EXP_013",
        title="ECS Exec is off",
        severity=Severity.MEDIUM,
        types=tuple(SWITCHES),
        why="one permission then gives a shell in the task, with its role, its secrets and its data",
        remedy="leave enable_execute_command out; switch it on for as long as it is needed, with its sessions logged",
        source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html",
        options={"environments": ("prod",)},
    )

    def judge(self, case: Case) -> None:
        path = SWITCHES[case.resource.type]
        if case.is_in(case.options["environments"]) and case.given(path):
            case.fail("a shell can be opened in its tasks", path)


check = NoExecIntoTasks()
