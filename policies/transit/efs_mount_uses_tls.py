"""ECS tasks mount EFS file systems over TLS."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

PATH = "efs_volume_configuration[0].transit_encryption"


class EfsMountUsesTls(Rule):
    about = About(
        id="SP_TLS_005",
        title="ECS tasks mount EFS over TLS",
        severity=Severity.MEDIUM,
        types=("aws_ecs_task_definition",),
        why="NFS is plain text: whoever is on the path inside the VPC reads and changes the files",
        remedy='set transit_encryption = "ENABLED" in efs_volume_configuration; left out, it is disabled',
        source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-best-practices.html",
    )

    def judge(self, case: Case) -> None:
        for number, volume in enumerate(case.blocks("volume")):
            with case.part():
                path = f"volume[{number}].{PATH}"
                if volume.get("efs_volume_configuration") and case.given(path) != "ENABLED":
                    case.fail(f"volume {volume['name']} is mounted without TLS", path)


check = EfsMountUsesTls()
