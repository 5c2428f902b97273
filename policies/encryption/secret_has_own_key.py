"""Secrets and their replicas are encrypted with a KMS key of yours, unless the option `kms` is false."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

DEFAULT = "alias/aws/secretsmanager"


class SecretHasOwnKey(Rule):
    about = About(
        id="SP_ENC_005",
        title="Secrets are encrypted with a KMS key of your own",
        severity=Severity.MEDIUM,
        types=("aws_secretsmanager_secret",),
        why=f"{DEFAULT} is open to everybody in the account who may read the secret: there is no second lock",
        remedy="set kms_key_id, also in each replica, to a key whose policy says who may decrypt",
        source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html",
        options={"kms": True},
    )

    def judge(self, case: Case) -> None:
        if not case.options["kms"]:
            return
        replicas = [f"{replica}.kms_key_id" for replica in case.block_paths("replica")]
        for path in ("kms_key_id", *replicas):
            with case.part():
                if "alias/aws/" in (case.given(path) or DEFAULT):
                    case.fail(f"the key is AWS's own, {DEFAULT}", path)


check = SecretHasOwnKey()
