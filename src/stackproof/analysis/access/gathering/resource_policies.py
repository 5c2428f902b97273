"""The policies that resources of a stack have: whom they let in, and whom they shut out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stackproof.analysis.access.documents.documents import Policy, PolicyKind, parse_policy
from stackproof.analysis.access.gathering.links import Linker, Links
from stackproof.analysis.access.gathering.reading import Reader
from stackproof.plan import Resource, Stack
from stackproof.plan.values import Value, Withheld

KMS_KEYS = ("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key")
"""Resources whose access their own policy decides, also within the account."""

INLINE: Mapping[str, str] = {
    "aws_api_gateway_rest_api": "policy",
    "aws_elasticsearch_domain": "access_policies",
    "aws_glacier_vault": "access_policy",
    "aws_opensearch_domain": "access_policies",
    "aws_s3_bucket": "policy",
    "aws_secretsmanager_secret": "policy",
    "aws_sns_topic": "policy",
    "aws_sqs_queue": "policy",
    **dict.fromkeys(KMS_KEYS, "policy"),
}
"""Resources that hold their own policy, and the argument."""

ATTACHED: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "aws_api_gateway_rest_api_policy": ("policy", "rest_api_id", ("aws_api_gateway_rest_api",)),
    "aws_backup_vault_policy": ("policy", "backup_vault_name", ("aws_backup_vault",)),
    "aws_cloudwatch_event_bus_policy": ("policy", "event_bus_name", ("aws_cloudwatch_event_bus",)),
    "aws_codeartifact_domain_permissions_policy": ("policy_document", "domain", ("aws_codeartifact_domain",)),
    "aws_codeartifact_repository_permissions_policy": (
        "policy_document",
        "repository",
        ("aws_codeartifact_repository",),
    ),
    "aws_dynamodb_resource_policy": ("policy", "resource_arn", ("aws_dynamodb_table",)),
    "aws_ecr_repository_policy": ("policy", "repository", ("aws_ecr_repository",)),
    "aws_efs_file_system_policy": ("policy", "file_system_id", ("aws_efs_file_system",)),
    "aws_elasticsearch_domain_policy": ("access_policies", "domain_name", ("aws_elasticsearch_domain",)),
    "aws_kinesis_resource_policy": ("policy", "resource_arn", ("aws_kinesis_stream",)),
    "aws_kms_key_policy": ("policy", "key_id", KMS_KEYS),
    "aws_opensearch_domain_policy": ("access_policies", "domain_name", ("aws_opensearch_domain",)),
    "aws_s3_bucket_policy": ("policy", "bucket", ("aws_s3_bucket",)),
    "aws_secretsmanager_secret_policy": ("policy", "secret_arn", ("aws_secretsmanager_secret",)),
    "aws_sns_topic_policy": ("policy", "arn", ("aws_sns_topic",)),
    "aws_sqs_queue_policy": ("policy", "queue_url", ("aws_sqs_queue",)),
}
"""Resources that give another one its policy: the argument with it, the one that says whose, and of what type."""

SERVICE_WIDE: Mapping[str, tuple[str, str]] = {
    "aws_cloudwatch_log_resource_policy": ("policy_document", "logs"),
    "aws_ecr_registry_policy": ("policy", "ecr"),
    "aws_glue_resource_policy": ("policy", "glue"),
}
"""Resources that hold a policy for all of a service in the account: the argument and the prefix of its actions."""

_LAMBDA_CONDITIONS: Mapping[str, tuple[str, str]] = {
    "source_arn": ("ArnLike", "aws:SourceArn"),
    "source_account": ("StringEquals", "aws:SourceAccount"),
    "principal_org_id": ("StringEquals", "aws:PrincipalOrgID"),
    "event_source_token": ("StringEquals", "lambda:EventSourceToken"),
    "function_url_auth_type": ("StringEquals", "lambda:FunctionUrlAuthType"),
}
"""What AddPermission makes of its parameters: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html."""


@dataclass
class ResourcePolicies:
    """Policies by the address of the resource that they are on; `by_service` those for a whole service.

    `outside` says what is attached to something outside the stack.
    """

    by_address: dict[str, list[Policy]] = field(default_factory=lambda: defaultdict(list))
    by_service: dict[str, list[Policy]] = field(default_factory=lambda: defaultdict(list))
    outside: list[str] = field(default_factory=list)


def gather(stack: Stack, linker: Linker, reader: Reader) -> ResourcePolicies:
    """Every resource policy in a stack; raises PlanError for a document that is no policy."""
    found = ResourcePolicies()
    for kind, (path, argument, targets) in ATTACHED.items():
        for resource in stack.resources(kind):
            policy = reader.read(resource, path, PolicyKind.RESOURCE)
            if policy:
                _put(found, resource, linker.find(resource, argument, targets), policy)
    for resource in stack.resources("aws_lambda_permission"):
        policy = _lambda_permission(resource)
        _put(found, resource, linker.find(resource, "function_name", ("aws_lambda_function",)), policy)
    for kind, path in INLINE.items():
        for resource in stack.resources(kind):
            # a policy of its own resource comes later and replaces the other
            policy = (
                None if found.by_address.get(resource.address) else reader.read(resource, path, PolicyKind.RESOURCE)
            )
            if policy:
                found.by_address[resource.address].append(policy)
    for kind, (path, service) in SERVICE_WIDE.items():
        for resource in stack.resources(kind):
            policy = reader.read(resource, path, PolicyKind.RESOURCE)
            if policy:
                found.by_service[service].append(policy)
    return found


def _put(found: ResourcePolicies, resource: Resource, links: Links, policy: Policy) -> None:
    for target in links.resources:
        found.by_address[target.address].append(policy)
    for target in links.possible:
        doubt = f"{links.doubt} may give it a policy"
        found.by_address[target.address].append(
            Policy(PolicyKind.RESOURCE, holder=resource.address, place=policy.place, undecided=doubt)
        )
    found.outside += [f"{resource.address}: the policy of {name}, outside this stack" for name in links.outside]


def _lambda_permission(resource: Resource) -> Policy:
    principal = resource.get("principal")
    if isinstance(principal, Withheld):
        principals: Any = principal
    elif str.__str__(principal).endswith(".amazonaws.com"):
        principals = {"Service": principal}
    else:
        principals = {"AWS": principal}
    conditions: dict[str, dict[str, Value]] = defaultdict(dict)
    for argument, (operator, key) in _LAMBDA_CONDITIONS.items():
        value = resource.get(argument)
        if value is not None:
            conditions[operator][key] = value
    statement = {
        "Effect": "Allow",
        "Principal": principals,
        "Action": resource.get("action"),
        "Condition": dict(conditions),
    }
    return parse_policy(
        {"Version": "2012-10-17", "Statement": statement},
        kind=PolicyKind.RESOURCE,
        holder=resource.address,
        path="",
        place=resource.place,
    )
