"""Builds run without root rights on their host, which only the making of images with Docker needs."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

PATH = "environment[0].privileged_mode"


class BuildsNotPrivileged(Rule):
    about = About(
        id="SP_EXP_011",
        title="CodeBuild projects are not privileged",
        severity=Severity.LOW,
        types=("aws_codebuild_project",),
        why="code that a build downloads and runs gets root on the build host, with all the rights of the build",
        remedy="leave privileged_mode out, or write down as an exception that the build makes images with Docker",
        source="https://docs.aws.amazon.com/securityhub/latest/userguide/codebuild-controls.html",
    )

    def judge(self, case: Case) -> None:
        if case.given(PATH):
            case.fail("builds are privileged", PATH)


check = BuildsNotPrivileged()
