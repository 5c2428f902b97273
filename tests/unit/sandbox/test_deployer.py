"""The deployer's policy, from calls such as Terraform's provider makes them."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.deployer import DeployerPolicy, as_texts, explain_denied, write_policy
from stackproof.sandbox.deployer.actions import actions_of
from stackproof.sandbox.deployer.catalog import spelled
from stackproof.sandbox.deployer.policy import LIMIT, characters
from stackproof.sandbox.deployer.rules import rules

ACCOUNT = "123456789012"
HERE = f"us-east-1:{ACCOUNT}"
CLUSTER = f"arn:aws:ecs:{HERE}:cluster/shop-dev"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service/shop-dev-task"
TRUST = json.dumps({"Statement": [{"Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def call(name: str, answer: dict[str, str] | None = None, **parameters: Any) -> Call:
    service, _, action = name.partition(":")
    return Call(service, action, "us-east-1", 200, parameters=parameters, answer=answer or {})


def failed(name: str, status: int, error: str, **parameters: Any) -> Call:
    service, _, action = name.partition(":")
    return Call(service, action, "us-east-1", status, error, parameters=parameters)


def resources(policy: DeployerPolicy, action: str) -> list[str]:
    return sorted(need.resource for need in policy.needs if need.action == action)


@pytest.mark.parametrize(
    ("service", "operation", "actions"),
    [
        ("ecs", "CreateService", ["ecs:CreateService"]),
        ("s3", "HeadBucket", ["s3:ListBucket"]),
        ("s3", "PutBucketEncryption", ["s3:PutEncryptionConfiguration"]),
        ("s3", "GetBucketCors", ["s3:GetBucketCORS"]),
        ("elbv2", "CreateLoadBalancer", ["elasticloadbalancing:CreateLoadBalancer"]),
        ("cloudwatch", "PutMetricAlarm", ["cloudwatch:PutMetricAlarm"]),
        ("stepfunctions", "CreateStateMachine", ["states:CreateStateMachine"]),
        ("lambda", "Invoke", ["lambda:InvokeFunction"]),
        ("apigateway", "CreateRestApi", ["apigateway:POST"]),
        ("apigatewayv2", "GetApi", ["apigateway:GET"]),
        ("resourcegroupstaggingapi", "GetResources", ["tag:GetResources"]),
        ("kms", "ReEncrypt", ["kms:ReEncryptFrom", "kms:ReEncryptTo"]),
        ("sts", "GetCallerIdentity", []),
    ],
)
def test_an_operation_needs_the_actions_of_the_reference(service: str, operation: str, actions: list[str]) -> None:
    assert actions_of(service, operation) == tuple(actions)


def test_every_action_of_the_rules_is_one_of_aws() -> None:
    lists = [*rules("actions").values(), *rules("keys").values(), *rules("kept_keys").values()]
    lists += [actions for table in rules("with").values() for actions in table.values()]
    named = {*itertools.chain.from_iterable(lists), *rules("tagging").values()}
    assert [action for action in sorted(named) if spelled(action) != action] == []


def test_an_operation_that_nobody_knows_is_told_of() -> None:
    policy = write_policy([call("ecs:DanceTheTango"), call("ecs:ListClusters"), Call("", "")])
    assert policy.unknown == ("ecs:DanceTheTango",)
    assert policy.actions == ("ecs:ListClusters",)


def test_a_name_in_the_request_narrows_the_resource() -> None:
    made = call("ecs:CreateService", cluster=CLUSTER, serviceName="web", taskDefinition="shop-dev:7")
    assert resources(write_policy([made]), "ecs:CreateService") == [f"arn:aws:ecs:{HERE}:service/shop-dev/web"]


def test_what_aws_chose_is_open_in_its_place_only() -> None:
    balancer = f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/app/shop-dev/0c9126c8150811d2"
    policy = write_policy(
        [
            call("elbv2:CreateLoadBalancer", {"LoadBalancers[0].LoadBalancerArn": balancer}, Name="shop-dev"),
            call("elbv2:CreateListener", LoadBalancerArn=balancer, Port=80),
            call("ec2:DeleteSecurityGroup", GroupId="sg-05d5761180a06ae6f"),
            call("kms:EnableKeyRotation", KeyId="07e6a793-8b94-4348-8f6b-b138379f1eb6"),
        ]
    )
    narrowed = f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/app/shop-dev/*"
    assert resources(policy, "elasticloadbalancing:CreateLoadBalancer") == [narrowed]
    assert resources(policy, "elasticloadbalancing:CreateListener") == [narrowed]
    assert resources(policy, "ec2:DeleteSecurityGroup") == [f"arn:aws:ec2:{HERE}:security-group/*"]
    assert resources(policy, "kms:EnableKeyRotation") == [f"arn:aws:kms:{HERE}:key/*"]


def test_what_terraform_appends_to_a_prefix_is_open() -> None:
    policy = write_policy([call("logs:CreateLogGroup", logGroupName="/shop/20261124160743219000000002")])
    assert resources(policy, "logs:CreateLogGroup") == [
        "arn:aws:logs:us-east-1:*:log-group:/shop/*",
    ]


def test_the_end_of_a_secret_s_arn_is_open() -> None:
    secret = f"arn:aws:secretsmanager:{HERE}:secret:shop-dev/token"
    policy = write_policy(
        [
            call("secretsmanager:CreateSecret", {"ARN": f"{secret}-ZUgiub"}, Name="shop-dev/token"),
            call("secretsmanager:DeleteSecret", SecretId=f"{secret}-ZUgiub"),
        ]
    )
    assert resources(policy, "secretsmanager:CreateSecret") == [f"{secret}-??????"]
    assert resources(policy, "secretsmanager:DeleteSecret") == [f"{secret}-??????"]


def test_a_role_is_found_by_its_name_with_its_path() -> None:
    policy = write_policy(
        [
            call("iam:CreateRole", {"Role.Arn": ROLE}, RoleName="shop-dev-task", AssumeRolePolicyDocument=TRUST),
            call("iam:DeleteRole", RoleName="shop-dev-task"),
        ]
    )
    assert resources(policy, "iam:DeleteRole") == [ROLE]


def test_a_policy_of_aws_s_own_keeps_its_account() -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    policy = write_policy([call("iam:GetPolicy", PolicyArn=arn), call("iam:GetRole", RoleName="x")])
    assert resources(policy, "iam:GetPolicy") == [arn]


def test_an_action_without_resources_is_held_to_the_region() -> None:
    (statement,) = write_policy([call("ec2:DescribeVpcs", VpcIds=["vpc-4c3d3b352cfa47166"])]).statements
    assert statement["Resource"] == ["*"]
    assert statement["Condition"] == {"StringEquals": {"aws:RequestedRegion": ["us-east-1"]}}


def test_a_role_that_is_given_to_a_service_is_passed_to_it() -> None:
    policy = write_policy(
        [
            call("iam:CreateRole", {"Role.Arn": ROLE}, RoleName="shop-dev-task", AssumeRolePolicyDocument=TRUST),
            call("ecs:RegisterTaskDefinition", family="shop-dev", taskRoleArn=ROLE),
            call("ecs:DescribeTasks", cluster=CLUSTER, roleArn=ROLE),
        ]
    )
    (statement,) = (each for each in policy.statements if "iam:PassRole" in each["Action"])
    assert statement["Resource"] == [ROLE]
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": ["ecs-tasks.amazonaws.com"]}}


def test_a_role_in_a_profile_is_passed_with_it() -> None:
    policy = write_policy(
        [
            call("iam:AddRoleToInstanceProfile", InstanceProfileName="worker", RoleName="worker-role"),
            call("ec2:RunInstances", IamInstanceProfile={"Name": "worker"}, ImageId="ami-0abcdef1234567890"),
        ]
    )
    assert resources(policy, "iam:PassRole") == ["arn:aws:iam::*:role/worker-role"]


def test_a_role_in_the_text_of_a_policy_is_not_passed() -> None:
    policy = write_policy([call("s3:PutBucketPolicy", Bucket="shop", Policy=json.dumps({"AWS": ROLE}))])
    assert policy.actions == ("s3:PutBucketPolicy",)


def test_a_connection_is_passed_to_a_pipeline() -> None:
    arn = f"arn:aws:codeconnections:{HERE}:connection/07e6a793-8b94-4348-8f6b-b138379f1eb6"
    stage = {"name": "source", "actions": [{"configuration": {"ConnectionArn": arn}}]}
    policy = write_policy([call("codepipeline:CreatePipeline", pipeline={"name": "shop", "stages": [stage]})])
    assert resources(policy, "codeconnections:PassConnection") == [f"arn:aws:codeconnections:{HERE}:connection/*"]
    assert resources(policy, "codepipeline:CreatePipeline") == [f"arn:aws:codepipeline:{HERE}:shop"]


def test_only_the_policies_of_the_run_may_be_attached() -> None:
    own, of_aws = f"arn:aws:iam::{ACCOUNT}:policy/shop", "arn:aws:iam::aws:policy/ReadOnlyAccess"
    policy = write_policy(
        [
            call("iam:CreatePolicy", {"Policy.Arn": own}, PolicyName="shop", PolicyDocument="{}"),
            call("iam:AttachRolePolicy", RoleName="shop", PolicyArn=own),
            call("iam:AttachRolePolicy", RoleName="other", PolicyArn=of_aws),
        ],
        account="210987654321",
    )
    attached = [each for each in policy.statements if each["Action"] == ["iam:AttachRolePolicy"]]
    conditions = {each["Resource"][0].rpartition("/")[2]: each["Condition"] for each in attached}
    assert conditions == {
        "shop": {"ArnEquals": {"iam:PolicyARN": ["arn:aws:iam::210987654321:policy/shop"]}},
        "other": {"ArnEquals": {"iam:PolicyARN": [of_aws]}},
    }


def test_tags_on_what_is_made_need_their_own_action() -> None:
    specified = [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]
    policy = write_policy(
        [
            call("ec2:CreateVpc", CidrBlock="10.0.0.0/16", TagSpecifications=specified),
            call("sqs:CreateQueue", QueueName="shop", tags={"a": "b"}),
            call("sqs:CreateQueue", QueueName="bare", tags={}),
            call("iam:CreateRole", RoleName="shop", Tags=[{"Key": "a", "Value": "b"}]),
        ]
    )
    (statement,) = (each for each in policy.statements if "ec2:CreateTags" in each["Action"])
    assert statement["Resource"] == ["arn:aws:ec2:us-east-1:*:vpc/*"]
    assert statement["Condition"] == {"StringEquals": {"ec2:CreateAction": ["CreateVpc"]}}
    assert resources(policy, "sqs:TagQueue") == ["arn:aws:sqs:us-east-1:*:shop"]
    assert resources(policy, "iam:TagRole") == ["arn:aws:iam::*:role/shop"]


def test_a_key_is_used_through_the_service_alone() -> None:
    policy = write_policy(
        [
            call("secretsmanager:CreateSecret", Name="token", KmsKeyId=f"arn:aws:kms:{HERE}:key/{'0' * 8}"),
            call("secretsmanager:GetSecretValue", SecretId="token"),
        ]
    )
    (statement,) = (each for each in policy.statements if "kms:Decrypt" in each["Action"])
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": ["secretsmanager.us-east-1.amazonaws.com"]}}


def test_a_service_linked_role_may_be_made() -> None:
    policy = write_policy([call("ecs:CreateCluster", clusterName="shop")])
    assert resources(policy, "iam:CreateServiceLinkedRole") == [
        "arn:aws:iam::*:role/aws-service-role/ecs.amazonaws.com/*"
    ]


def test_who_finds_no_object_has_to_be_able_to_list() -> None:
    gone = failed("s3:GetObject", 404, "NoSuchKey", Bucket="states", Key="dev/terraform.tfstate")
    policy = write_policy([gone])
    assert resources(policy, "s3:GetObject") == ["arn:aws:s3:::states/dev/terraform.tfstate"]
    assert resources(policy, "s3:ListBucket") == ["arn:aws:s3:::states"]


def test_an_acl_needs_more_than_the_bucket() -> None:
    private = write_policy([call("s3:CreateBucket", Bucket="shop", ACL="private")])
    public = write_policy([call("s3:CreateBucket", Bucket="shop", ACL="public-read")])
    assert private.actions == ("s3:CreateBucket",)
    assert public.actions == ("s3:CreateBucket", "s3:PutBucketAcl")


def test_a_rule_on_the_default_bus_has_no_bus_in_its_arn() -> None:
    policy = write_policy([call("events:PutRule", Name="failed", EventBusName="default")])
    assert resources(policy, "events:PutRule") == ["arn:aws:events:us-east-1:*:rule/failed"]


def test_the_policy_is_for_the_account_and_region_that_are_given() -> None:
    policy = write_policy(
        [
            call("ecs:DeleteCluster", cluster=CLUSTER),
            call("s3:DeleteBucket", Bucket=f"shop-{ACCOUNT}-us-east-1"),
            call("ecs:ListClusters"),
        ],
        account="210987654321",
        region="cn-north-1",
    )
    assert resources(policy, "ecs:DeleteCluster") == ["arn:aws-cn:ecs:cn-north-1:210987654321:cluster/shop-dev"]
    assert resources(policy, "s3:DeleteBucket") == ["arn:aws-cn:s3:::shop-210987654321-cn-north-1"]
    assert policy.statements[-1]["Condition"] == {"StringEquals": {"aws:RequestedRegion": ["cn-north-1"]}}


def test_a_global_service_stays_where_it_is() -> None:
    made = [call("iam:ListRoles"), call("ecs:ListClusters")]
    policy = write_policy(made, region="eu-central-1")
    regions = {need.action: need.conditions[0].values for need in policy.needs}
    assert regions == {"iam:ListRoles": ("us-east-1",), "ecs:ListClusters": ("eu-central-1",)}


def test_a_word_can_be_widened() -> None:
    policy = write_policy(
        [call("sqs:DeleteQueue", QueueUrl=f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/shop-dev-devices")],
        widened=["dev"],
    )
    assert resources(policy, "sqs:DeleteQueue") == ["arn:aws:sqs:us-east-1:*:shop-*-devices"]


def test_the_policy_does_not_hang_on_the_order_of_calls() -> None:
    made = [call("ecs:CreateCluster", clusterName=name) for name in ("one", "two", "three")]
    assert json.dumps(write_policy(made).documents) == json.dumps(write_policy(made[::-1]).documents)


def test_statements_are_named_apart_and_sorted() -> None:
    policy = write_policy(
        [
            call("ecs:CreateCluster", clusterName="one"),
            call("ecs:DeleteCluster", cluster="two"),
            call("ecs:ListClusters"),
        ]
    )
    names = [statement["Sid"] for statement in policy.statements]
    assert names == sorted(set(names))
    assert "EcsCluster" in names
    assert all(name.isalnum() for name in names)


def test_a_long_policy_is_several_documents() -> None:
    made = [call("sqs:CreateQueue", QueueName=f"a-queue-with-quite-a-long-name-{number}") for number in range(200)]
    policy = write_policy(made)
    assert len(policy.documents) > 1
    assert all(characters(document) <= LIMIT for document in policy.documents)
    kept = [arn for document in policy.documents for each in document["Statement"] for arn in each["Resource"]]
    assert sorted(kept) == resources(policy, "sqs:CreateQueue")


def test_hcl_says_the_same() -> None:
    (text,) = as_texts(write_policy([call("ecs:ListClusters"), call("ecs:DeleteCluster", cluster=CLUSTER)]), "hcl")
    assert text.startswith('data "aws_iam_policy_document" "deployer" {\n')
    assert f'resources = ["{CLUSTER}"]' in text
    assert 'variable = "aws:RequestedRegion"' in text


def test_a_denied_call_is_explained() -> None:
    denied = failed("s3:PutBucketEncryption", 403, "AccessDenied", Bucket="shop")
    (lack,) = explain_denied([call("s3:CreateBucket", Bucket="shop"), denied])
    assert str(lack) == "the policy lacks s3:PutEncryptionConfiguration on arn:aws:s3:::shop"


def test_with_the_policy_at_hand_what_is_lacking_is_told() -> None:
    denied = failed("ecs:RegisterTaskDefinition", 400, "AccessDeniedException", family="shop", taskRoleArn=ROLE)
    policy = write_policy([denied]).without("iam:PassRole")
    assert [lack.action for lack in explain_denied([denied], policy)] == ["iam:PassRole"]


REFUSED = "https response error StatusCode: 400, RequestID: x, api error AccessDeniedException"
SAID = f"User: arn:aws:iam::{ACCOUNT}:user/x is not authorized to perform: ecs:CreateCluster on resource: {CLUSTER}"


@pytest.mark.parametrize(
    ("said", "lack"),
    [
        (
            "operation error S3: PutBucketEncryption, https response error StatusCode: 403, RequestID: x",
            "the policy lacks s3:PutEncryptionConfiguration",
        ),
        (f"operation error ECS: CreateCluster, {REFUSED}: {SAID}", f"the policy lacks ecs:CreateCluster on {CLUSTER}"),
        (f"operation error CloudWatch Logs: CreateLogGroup, {REFUSED}: no", "the policy lacks logs:CreateLogGroup"),
    ],
)
def test_what_terraform_says_is_explained(said: str, lack: str) -> None:
    assert [str(each) for each in explain_denied(said)] == [lack]


def test_what_was_allowed_is_not_explained() -> None:
    assert explain_denied([failed("s3:HeadBucket", 404, "404", Bucket="shop")]) == ()
    assert explain_denied("Error: no such bucket") == ()
