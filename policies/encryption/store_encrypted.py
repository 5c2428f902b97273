"""Stores that are not encrypted by default are encrypted."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

ARGUMENTS = {
    "aws_appsync_api_cache": "at_rest_encryption_enabled",
    "aws_dax_cluster": "server_side_encryption[0].enabled",
    "aws_efs_file_system": "encrypted",
    "aws_elasticsearch_domain": "encrypt_at_rest[0].enabled",
    "aws_opensearch_domain": "encrypt_at_rest[0].enabled",
    "aws_redshift_cluster": "encrypted",
}


class StoreEncrypted(Rule):
    about = About(
        id="SP_ENC_009",
        title="File systems, caches, search domains and warehouses are encrypted",
        severity=Severity.HIGH,
        types=tuple(ARGUMENTS),
        why="all that is stored lies in plain text on disks and in backups",
        remedy=f"set {', '.join(dict.fromkeys(ARGUMENTS.values()))} to true, whichever the resource has",
        source="https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_protect_data_rest_encrypt.html",
    )

    def judge(self, case: Case) -> None:
        path = ARGUMENTS[case.resource.type]
        if not case.given(path):
            case.fail("what it stores is not encrypted", path)


check = StoreEncrypted()
