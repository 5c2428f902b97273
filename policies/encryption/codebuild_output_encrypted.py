"""Builds do not turn off the encryption of artifacts, logs and reports."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

OUTPUTS = ("artifacts[0]", "logs_config[0].s3_logs[0]", "export_config[0].s3_destination[0]")


class CodebuildOutputEncrypted(Rule):
    about = About(
        id="SP_ENC_013",
        title="CodeBuild does not turn encryption off for what it writes",
        severity=Severity.HIGH,
        types=("aws_codebuild_project", "aws_codebuild_report_group"),
        why="artifacts, logs and reports hold code and the output of builds, and no key protects them",
        remedy="remove encryption_disabled",
        source="https://docs.aws.amazon.com/codebuild/latest/userguide/security-encryption.html",
    )

    def judge(self, case: Case) -> None:
        for output in (*OUTPUTS, *case.block_paths("secondary_artifacts")):
            path = f"{output}.encryption_disabled"
            with case.part():
                if case.given(path):
                    case.fail("encryption is turned off", path)


check = CodebuildOutputEncrypted()
