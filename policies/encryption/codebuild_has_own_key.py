"""Builds encrypt artifacts with a KMS key of yours; set the option `kms` to false where AWS's key will do."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

DEFAULT = "alias/aws/s3"


class CodebuildHasOwnKey(Rule):
    about = About(
        id="SP_ENC_014",
        title="CodeBuild encrypts artifacts with a KMS key of your own",
        severity=Severity.MEDIUM,
        types=("aws_codebuild_project",),
        why=f"{DEFAULT} is open to everybody in the account who may read the bucket: there is no second lock",
        remedy="set encryption_key to the ARN of a key whose policy says who may use it",
        source="https://docs.aws.amazon.com/codebuild/latest/userguide/security-encryption.html",
        options={"kms": True},
    )

    def judge(self, case: Case) -> None:
        if not case.options["kms"] or case.given("artifacts[0].type") == "NO_ARTIFACTS":
            return
        if "alias/aws/" in (case.given("encryption_key") or DEFAULT):
            case.fail(f"the key is AWS's own, {DEFAULT}", "encryption_key")


check = CodebuildHasOwnKey()
