"""Gathers every policy of a stack: of its roles, users and groups, and of its resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stackproof.analysis.access.documents.documents import Policy
from stackproof.analysis.access.gathering import identities, resource_policies
from stackproof.analysis.access.gathering.identities import Group, Identity, Role, User
from stackproof.analysis.access.gathering.links import Linker
from stackproof.analysis.access.gathering.reading import Reader
from stackproof.plan import Resource, Stack
from stackproof.plan.values import Value

__all__ = ["Group", "Identities", "Identity", "Role", "User", "collect"]

UNMODELLED: Mapping[str, str] = {
    "aws_cognito_identity_pool_roles_attachment": "the roles of a Cognito identity pool",
    "aws_eks_access_policy_association": "access policies of EKS",
    "aws_iot_policy": "IoT policies",
    "aws_kms_grant": "KMS grants",
    "aws_lakeformation_permissions": "Lake Formation permissions",
    "aws_lambda_layer_version_permission": "permissions of Lambda layers",
    "aws_organizations_policy": "service and resource control policies",
    "aws_ram_resource_share": "resource shares",
    "aws_s3_access_point": "S3 access points and their policies",
    "aws_s3_bucket_acl": "S3 access control lists",
    "aws_ssoadmin_account_assignment": "assignments of IAM Identity Center",
    "aws_ssoadmin_managed_policy_attachment": "permission sets of IAM Identity Center",
    "aws_ssoadmin_permission_set_inline_policy": "permission sets of IAM Identity Center",
    "aws_vpc_endpoint": "policies of VPC endpoints",
    "aws_vpc_endpoint_policy": "policies of VPC endpoints",
}
"""Resources that grant or limit access in ways that are not evaluated."""

_PRIVATE_ACLS = ("private", "log-delivery-write", "bucket-owner-read", "bucket-owner-full-control")


@dataclass(frozen=True, eq=False)
class Identities:
    """Who is in a stack, with every policy on them, and the policies on its resources.

    `resource_policies` are by the address of the resource that they are on, `service_policies` (those for a whole
    service in the account) by the prefix of its actions. `unmodelled` says, each with an address, what else of the
    stack grants or limits access and is not taken into account. A trust policy is in its role.
    """

    roles: tuple[Role, ...]
    users: tuple[User, ...]
    groups: tuple[Group, ...]
    resource_policies: Mapping[str, tuple[Policy, ...]]
    service_policies: Mapping[str, tuple[Policy, ...]]
    unmodelled: tuple[str, ...]


def collect(stack: Stack) -> Identities:
    """Everything that decides on access in a stack; best of a resolved one.

    Policies that AWS itself gives a resource are not among it. Raises PlanError for a document that is no policy.
    """
    linker, reader = Linker(stack), Reader(stack)
    found, outside = identities.gather(stack, linker, reader)
    on_resources = resource_policies.gather(stack, linker, reader)
    return Identities(
        roles=tuple(identity for identity in found.values() if isinstance(identity, Role)),
        users=tuple(identity for identity in found.values() if isinstance(identity, User)),
        groups=tuple(identity for identity in found.values() if isinstance(identity, Group)),
        resource_policies={address: tuple(policies) for address, policies in on_resources.by_address.items()},
        service_policies={service: tuple(policies) for service, policies in on_resources.by_service.items()},
        unmodelled=(*outside, *on_resources.outside, *_unmodelled(stack)),
    )


def _unmodelled(stack: Stack) -> Iterator[str]:
    for resource in stack.resources():
        what = UNMODELLED.get(resource.type)
        if what and not _is_harmless(resource):
            yield f"{resource.address}: {what}"
        elif not what:
            for path, value in resource.values.items():
                if _looks_like_policy(value) and (resource.type, path) not in _READ:
                    yield f"{resource.address}: the policy in {path}"


_READ = (
    {(kind, path) for kind, path in resource_policies.INLINE.items()}
    | {(kind, path) for kind, (path, *_) in resource_policies.ATTACHED.items()}
    | {(kind, path) for kind, (path, _) in resource_policies.SERVICE_WIDE.items()}
    | {(identities.ROLE, "assume_role_policy"), (identities.MANAGED, "policy")}
    | {(kind, "policy") for kind in ("aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy")}
)


def _looks_like_policy(value: Value) -> bool:
    return isinstance(value, str) and '"Statement"' in str.__str__(value) and '"Effect"' in str.__str__(value)


def _is_harmless(resource: Resource) -> bool:
    """Whether it gives nobody anything: a private list, an endpoint with the policy that lets all pass."""
    if resource.type == "aws_s3_bucket_acl":
        acl = resource.get("acl")
        return isinstance(acl, str) and str.__str__(acl) in _PRIVATE_ACLS
    return resource.type == "aws_vpc_endpoint" and "policy" not in resource.arguments
