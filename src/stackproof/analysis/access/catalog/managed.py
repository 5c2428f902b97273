"""The documents of the policies that AWS itself manages, as of a date: no plan has them.

They are bundled by scripts/managed_policies.py. AWS changes them without notice:
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html
"""

from __future__ import annotations

import functools
import gzip
import json
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

_ARN = re.compile(r"arn:(aws[\w-]*):iam::aws:policy/(.+)")


def document(arn: str) -> Mapping[str, Any] | None:
    """The document of an AWS-managed policy; None for an ARN that is none of AWS's, or of one not bundled.

    The bundled documents are those of the partition `aws`; for another one the partition in its ARNs is replaced.
    """
    found = _ARN.fullmatch(arn)
    policy = _bundle()["policies"].get(found[2]) if found else None
    if found is None or policy is None:
        return None
    if found[1] == "aws":
        kept: Mapping[str, Any] = policy["document"]
        return kept
    replaced: Mapping[str, Any] = json.loads(json.dumps(policy["document"]).replace('"arn:aws:', f'"arn:{found[1]}:'))
    return replaced


def version(arn: str) -> str | None:
    """The version that the bundled document is, such as "v3"; None where it is not bundled."""
    found = _ARN.fullmatch(arn)
    policy = _bundle()["policies"].get(found[2]) if found else None
    return str(policy["version"]) if policy else None


def date() -> str:
    """The day, as YYYY-MM-DD, of the last change that the bundled documents know of."""
    return str(_bundle()["date"])


@functools.cache
def _bundle() -> Mapping[str, Any]:
    file = resources.files("stackproof.analysis.access.catalog") / "data/managed_policies.json.gz"
    bundle: Mapping[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
    return bundle
