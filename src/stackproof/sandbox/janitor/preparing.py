"""What has to be done before something can be deleted: it is emptied, detached, or no longer protected.

Each function gets the client and the parameters of the deletion, with the ARN among them under ARN; it may add to
them, and put the name of another call under CALL.
"""

from __future__ import annotations

import contextlib
from typing import Any

from stackproof.sandbox.runs import RUN_TAG

ARN = "arn"
CALL = "call"

Parameters = dict[str, Any]


def empty_bucket(s3: Any, parameters: Parameters) -> None:  # noqa: ANN401
    """Delete every version of every object.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html
    """
    bucket = parameters["Bucket"]
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if versions:
            keys = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})


def find_queue(sqs: Any, parameters: Parameters) -> None:  # noqa: ANN401
    """A queue is deleted by its URL."""
    parameters["QueueUrl"] = sqs.get_queue_url(QueueName=parameters[ARN].rsplit(":", 1)[-1])["QueueUrl"]


def find_parameter(ssm: Any, parameters: Parameters) -> None:  # noqa: ANN401
    """An ARN does not say whether the name begins with a slash: the one that is a run's is meant."""
    from botocore.exceptions import ClientError  # type: ignore[import-untyped]

    name = parameters[ARN].split(":parameter/", 1)[-1]
    parameters["Name"] = name
    for candidate in (name, f"/{name}"):
        with contextlib.suppress(ClientError):
            tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=candidate)["TagList"]
            if any(tag["Key"] == RUN_TAG for tag in tags):
                parameters["Name"] = candidate


def unprotect_table(dynamodb: Any, parameters: Parameters) -> None:  # noqa: ANN401
    """Turn deletion protection off."""
    table = parameters["TableName"]
    if dynamodb.describe_table(TableName=table)["Table"].get("DeletionProtectionEnabled"):
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)


def unprotect_balancer(elbv2: Any, parameters: Parameters) -> None:  # noqa: ANN401
    """Turn deletion protection off."""
    elbv2.modify_load_balancer_attributes(
        LoadBalancerArn=parameters["LoadBalancerArn"],
        Attributes=[{"Key": "deletion_protection.enabled", "Value": "false"}],
    )


def strip_role(iam: Any, parameters: Parameters) -> None:  # noqa: ANN401
    """Take away policies, and take the role out of instance profiles.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
    """
    role = parameters["RoleName"]
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=name)
    for profile in iam.list_instance_profiles_for_role(RoleName=role)["InstanceProfiles"]:
        iam.remove_role_from_instance_profile(InstanceProfileName=profile["InstanceProfileName"], RoleName=role)


def strip_user(iam: Any, parameters: Parameters) -> None:  # noqa: ANN401
    """Take away keys, policies and groups.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
    """
    user = parameters["UserName"]
    for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    for policy in iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=user, PolicyArn=policy["PolicyArn"])
    for name in iam.list_user_policies(UserName=user)["PolicyNames"]:
        iam.delete_user_policy(UserName=user, PolicyName=name)
    for group in iam.list_groups_for_user(UserName=user)["Groups"]:
        iam.remove_user_from_group(UserName=user, GroupName=group["GroupName"])


def forget_versions(iam: Any, parameters: Parameters) -> None:  # noqa: ANN401
    """Delete all versions of a policy but the default one.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
    """
    policy = parameters["PolicyArn"]
    for version in iam.list_policy_versions(PolicyArn=policy)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=policy, VersionId=version["VersionId"])


def empty_profile(iam: Any, parameters: Parameters) -> None:  # noqa: ANN401
    """Take the role out of an instance profile."""
    name = parameters["InstanceProfileName"]
    for role in iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Roles"]:
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role["RoleName"])


def find_group(ec2: Any, parameters: Parameters) -> None:  # noqa: ANN401
    """A rule is revoked by its group, as one of ingress or of egress."""
    ids = parameters["SecurityGroupRuleIds"]
    rule = ec2.describe_security_group_rules(SecurityGroupRuleIds=ids)["SecurityGroupRules"][0]
    parameters["GroupId"] = rule["GroupId"]
    if rule["IsEgress"]:
        parameters[CALL] = "revoke_security_group_egress"


def revoke_rules(ec2: Any, parameters: Parameters) -> None:  # noqa: ANN401
    """Revoke all rules, since groups whose rules name each other cannot be deleted."""
    group = ec2.describe_security_groups(GroupIds=[parameters["GroupId"]])["SecurityGroups"][0]
    for member, call in (
        ("IpPermissions", ec2.revoke_security_group_ingress),
        ("IpPermissionsEgress", ec2.revoke_security_group_egress),
    ):
        if group[member]:
            call(GroupId=parameters["GroupId"], IpPermissions=group[member])


def dissociate(ec2: Any, parameters: Parameters) -> None:  # noqa: ANN401
    """Take a route table away from its subnets."""
    tables = ec2.describe_route_tables(RouteTableIds=[parameters["RouteTableId"]])["RouteTables"]
    for association in tables[0]["Associations"]:
        if not association["Main"]:
            ec2.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])


def detach_gateway(ec2: Any, parameters: Parameters) -> None:  # noqa: ANN401
    """Take an internet gateway away from its VPC."""
    gateway = parameters["InternetGatewayId"]
    for attached in ec2.describe_internet_gateways(InternetGatewayIds=[gateway])["InternetGateways"][0]["Attachments"]:
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=attached["VpcId"])


def remove_targets(events: Any, parameters: Parameters) -> None:  # noqa: ANN401
    """Take away a rule's targets."""
    rule = {"Rule": parameters["Name"]}
    if "EventBusName" in parameters:
        rule["EventBusName"] = parameters["EventBusName"]
    targets = [target["Id"] for target in events.list_targets_by_rule(**rule)["Targets"]]
    if targets:
        events.remove_targets(Ids=targets, **rule)
