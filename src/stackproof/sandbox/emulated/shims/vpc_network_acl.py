"""moto 5.2.5 leaves the default network ACL of a VPC that is deleted.

https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
"""

from __future__ import annotations

import importlib
from typing import Any

SERVICE = "ec2"


def install() -> None:
    """Delete it with its VPC, as AWS does."""
    backend: Any = importlib.import_module("moto.ec2.models").EC2Backend
    delete = backend.delete_vpc

    def delete_vpc(self: Any, vpc_id: str) -> Any:  # noqa: ANN401
        deleted = delete(self, vpc_id)
        defaults = [acl.id for acl in self.network_acls.values() if acl.vpc_id == vpc_id and acl.default]
        for acl in defaults:
            del self.network_acls[acl]
        return deleted

    backend.delete_vpc = delete_vpc
