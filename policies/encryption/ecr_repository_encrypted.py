"""Repositories say how they are encrypted, and use KMS where the option `kms` asks for it."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

KMS = ("KMS", "KMS_DSSE")


class EcrRepositoryEncrypted(Rule):
    about = About(
        id="SP_ENC_002",
        title="ECR repositories say how they are encrypted",
        severity=Severity.LOW,
        types=("aws_ecr_repository", "aws_ecr_repository_creation_template"),
        why="encryption is chosen once: to change it later, the repository has to be deleted with all its images",
        remedy="add encryption_configuration, with encryption_type AES256, or KMS and a kms_key of your own",
        source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html",
        options={"kms": False},
    )

    def judge(self, case: Case) -> None:
        if not case.blocks("encryption_configuration"):
            case.fail("nothing says how images are encrypted")
            return
        path = "encryption_configuration[0].encryption_type"
        types = KMS if case.options["kms"] else (*KMS, "AES256")
        if case.given(path, "AES256") not in types:
            case.fail("images are encrypted with ECR's own key, and KMS is asked for", path)


check = EcrRepositoryEncrypted()
