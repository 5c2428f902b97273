"""The deployer's policy, held to it: moto lets a user with exactly this policy do what was recorded, and no less."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from stackproof.sandbox.account import Account
from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.deployer import DeployerPolicy, explain_denied, write_policy
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.proxy.proxy import Proxy
from stackproof.sandbox.proxy.recording import Recording

# the botocore that checkov asks for is older than the warning
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

Scenario = Callable[[Clients], None]
TASKS = {"Service": "ecs-tasks.amazonaws.com"}
TRUST = json.dumps({"Statement": [{"Effect": "Allow", "Principal": TASKS, "Action": "sts:AssumeRole"}]})
HERE = "us-east-1:123456789012"
TAGS = [{"Key": "environment", "Value": "dev"}]


@pytest.fixture(scope="module")
def account() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as account:
        yield account


@pytest.fixture(autouse=True)
def enforced(account: EmulatedAccount) -> Iterator[None]:
    yield
    account.enforce_iam(False)
    account.reset()


def recorded(account: Account, scenario: Scenario) -> Sequence[Call]:
    recording = Recording()
    with Proxy(account, observers=[recording]) as proxy:
        scenario(Clients(proxy))
    return recording.calls


def deployer(account: EmulatedAccount, policy: DeployerPolicy) -> Account:
    """A user with a policy and nothing else, in an account that enforces it."""
    iam = Clients(account)("iam")
    iam.create_user(UserName="deployer")
    for number, document in enumerate(policy.documents):
        made = iam.create_policy(PolicyName=f"deployer-{number}", PolicyDocument=json.dumps(document))
        iam.attach_user_policy(UserName="deployer", PolicyArn=made["Policy"]["Arn"])
    key = iam.create_access_key(UserName="deployer")["AccessKey"]
    account.enforce_iam()
    return account.as_identity(key["AccessKeyId"], key["SecretAccessKey"])


def bucket(client: Clients) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="shop-dev")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket="shop-dev", ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_public_access_block(Bucket="shop-dev", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    s3.get_public_access_block(Bucket="shop-dev")
    s3.put_object(Bucket="shop-dev", Key="a/b", Body=b"c")
    s3.get_object(Bucket="shop-dev", Key="a/b")
    s3.list_objects_v2(Bucket="shop-dev")
    s3.delete_object(Bucket="shop-dev", Key="a/b")
    s3.delete_bucket(Bucket="shop-dev")


def tasks(client: Clients) -> None:
    iam, ecs = client("iam"), client("ecs")
    role = iam.create_role(RoleName="task", AssumeRolePolicyDocument=TRUST, Tags=TAGS)["Role"]["Arn"]
    ecs.create_cluster(clusterName="shop")
    containers = [{"name": "web", "image": "web", "memory": 128}]
    ecs.register_task_definition(family="web", taskRoleArn=role, containerDefinitions=containers)
    ecs.create_service(cluster="shop", serviceName="web", taskDefinition="web", desiredCount=0)
    ecs.delete_service(cluster="shop", service="web", force=True)
    ecs.delete_cluster(cluster="shop")
    iam.delete_role(RoleName="task")


def several(client: Clients) -> None:
    client("sts").get_caller_identity()
    queue = client("sqs").create_queue(QueueName="shop", tags={"a": "b"})["QueueUrl"]
    client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])
    client("cloudwatch").put_metric_alarm(
        AlarmName="high", MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
    )  # fmt: skip
    client("logs").create_log_group(logGroupName="/shop", tags={"a": "b"})
    secret = client("secretsmanager").create_secret(Name="shop/token", SecretString="hidden")["ARN"]
    client("secretsmanager").delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    specified = [{"ResourceType": "vpc", "Tags": TAGS}]
    vpc = client("ec2").create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=specified)["Vpc"]["VpcId"]
    client("ec2").describe_vpcs(VpcIds=[vpc])
    client("ec2").delete_vpc(VpcId=vpc)
    api = client("apigateway").create_rest_api(name="shop")["id"]
    client("apigateway").delete_rest_api(restApiId=api)


SCENARIOS = (bucket, tasks, several)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_policy_lets_a_deployer_do_all_of_it(account: EmulatedAccount, scenario: Scenario) -> None:
    policy = write_policy(recorded(account, scenario))
    assert policy.unknown == ()
    account.reset()
    again = recorded(deployer(account, policy), scenario)
    assert [call for call in again if call.error] == []


@pytest.mark.parametrize(
    ("scenario", "action", "lack"),
    [
        (bucket, "s3:PutEncryptionConfiguration", "s3:PutEncryptionConfiguration on arn:aws:s3:::shop-dev"),
        (bucket, "s3:PutBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock on arn:aws:s3:::shop-dev"),
        (bucket, "s3:GetObject", "s3:GetObject on arn:aws:s3:::shop-dev/a/b"),
        (tasks, "iam:PassRole", "iam:PassRole on arn:aws:iam::123456789012:role/task"),
        (tasks, "iam:TagRole", "iam:TagRole on arn:aws:iam::123456789012:role/task"),
        (several, "ec2:CreateTags", f"ec2:CreateTags on arn:aws:ec2:{HERE}:vpc/*"),
        (several, "apigateway:DELETE", "apigateway:DELETE on arn:aws:apigateway:us-east-1::/restapis/*"),
        (several, "cloudwatch:PutMetricAlarm", f"cloudwatch:PutMetricAlarm on arn:aws:cloudwatch:{HERE}:alarm:high"),
    ],
)  # fmt: skip
def test_without_one_action_it_fails_and_the_action_is_named(
    account: EmulatedAccount, scenario: Scenario, action: str, lack: str
) -> None:
    whole = write_policy(recorded(account, scenario), account="123456789012")
    account.reset()
    policy = whole.without(action)
    recording = Recording()
    with Proxy(deployer(account, policy), observers=[recording]) as proxy, pytest.raises(ClientError) as raised:
        scenario(Clients(proxy))
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert f"the policy lacks {lack}" in [str(each) for each in explain_denied(recording.calls, policy)]
