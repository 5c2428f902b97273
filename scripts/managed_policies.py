"""Bundle the AWS-managed policies that the installed moto carries, which takes them from AWS's own API."""

from __future__ import annotations

import gzip
import importlib.metadata
import json
import sys
from pathlib import Path

from moto.iam.aws_managed_policies import aws_managed_policies_data

FILE = Path(__file__).parents[1] / "src/stackproof/analysis/access/catalog/data/managed_policies.json.gz"


def main() -> int:
    """Write the file: {"source", "date", "policies": {path and name: {"version", "updated", "document"}}}."""
    found = json.loads(aws_managed_policies_data)
    policies = {
        f"{policy['Path'].lstrip('/')}{name}": {
            "version": policy["DefaultVersionId"],
            "updated": policy["UpdateDate"][:10],
            "document": policy["Document"],
        }
        for name, policy in sorted(found.items())
    }
    content = {
        "source": f"moto {importlib.metadata.version('moto')}",
        "date": max(policy["updated"] for policy in policies.values()),
        "policies": policies,
    }
    text = json.dumps(content, separators=(",", ":"), sort_keys=True)
    FILE.parent.mkdir(exist_ok=True)
    # without a time in it, so that equal policies give an equal file
    FILE.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    sys.stdout.write(f"{len(policies)} policies as of {content['date']}, {FILE.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
