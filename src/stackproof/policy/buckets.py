"""What is said of S3 buckets in several places.

https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/s3_bucket_server_side_encryption_configuration
"""

from __future__ import annotations

from stackproof.plan import Resource
from stackproof.policy.case import Case

ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
KMS = ("aws:kms", "aws:kms:dsse")
"""The algorithms that ask KMS for keys."""


def encryption_rules(case: Case, bucket: Resource) -> list[tuple[Resource, str]]:
    """Each rule for the encryption of a bucket, in the bucket or in a resource for it: what holds it, and its path."""
    holders = [(bucket, "server_side_encryption_configuration[0].rule")]
    holders += [(holder, "rule") for holder in case.companions(ENCRYPTION, "bucket", of=bucket)]
    return [(holder, rule) for holder, path in holders for rule in case.block_paths(path, of=holder)]
