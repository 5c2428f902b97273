"""Tables are encrypted with a KMS key of the account, and with one of yours where the option `kms` asks for it."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class DynamodbTableEncrypted(Rule):
    about = About(
        id="SP_ENC_006",
        title="DynamoDB tables are encrypted with a KMS key of the account",
        severity=Severity.LOW,
        types=("aws_dynamodb_table",),
        why="by default a table has a key that AWS owns: no trail records its use, and no policy can withhold it",
        remedy="add server_side_encryption with enabled = true, and kms_key_arn for a key of your own",
        source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html",
        options={"kms": False},
    )

    def judge(self, case: Case) -> None:
        needed = {"server_side_encryption[0].enabled": "the key is one that AWS owns"}
        if case.options["kms"]:
            for block in ("server_side_encryption[0]", *case.block_paths("replica")):
                needed[f"{block}.kms_key_arn"] = "the key is AWS's own, alias/aws/dynamodb"
        for path, what in needed.items():
            if not case.given(path):
                case.fail(what, path)


check = DynamodbTableEncrypted()
