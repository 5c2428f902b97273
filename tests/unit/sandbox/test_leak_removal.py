"""How what is left is removed: a command that a person can paste, and the same call by boto3."""

from __future__ import annotations

import io
import json
import shlex
import zipfile
from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.leaks import find_leaks
from stackproof.sandbox.leaks.census import Census
from stackproof.sandbox.leaks.kinds import Kind
from stackproof.sandbox.leaks.removal import Removal, removal_of
from stackproof.sandbox.proxy.proxy import Proxy
from stackproof.sandbox.proxy.recording import Recording

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


@pytest.mark.parametrize(
    ("removal", "says"),
    [
        (Removal("iam", "DeleteRole", {"RoleName": "a"}), "aws iam delete-role --role-name a"),
        (
            Removal("sqs", "DeleteQueue", {"QueueUrl": "https://a/b"}, "eu-west-1"),
            "aws sqs delete-queue --queue-url https://a/b --region eu-west-1",
        ),
        (Removal("s3", "DeleteBucket", {"Bucket": "a"}), "aws s3api delete-bucket --bucket a"),
        (
            Removal("codedeploy", "DeleteApplication", {"applicationName": "a"}),
            "aws deploy delete-application --application-name a",
        ),
        (
            Removal("ecr", "DeleteRepository", {"repositoryName": "a", "force": True}),
            "aws ecr delete-repository --repository-name a --force",
        ),
        (
            Removal("cloudwatch", "DeleteAlarms", {"AlarmNames": ["a b", "c"]}),
            "aws cloudwatch delete-alarms --alarm-names 'a b' c",
        ),
        (
            Removal("kms", "ScheduleKeyDeletion", {"KeyId": "1", "PendingWindowInDays": 7}),
            "aws kms schedule-key-deletion --key-id 1 --pending-window-in-days 7",
        ),
    ],
)
def test_a_removal_reads_as_the_command_of_the_cli(removal: Removal, says: str) -> None:
    assert str(removal) == says


@pytest.mark.parametrize("name", ["$(rm -rf ~)", "a'b", 'a"b', "a;b", "a\nb", "`x`", "*", "", "-x"])
def test_no_name_can_say_anything_else_to_a_shell(name: str) -> None:
    words = shlex.split(str(Removal("iam", "DeleteRole", {"RoleName": name})))
    assert words == ["aws", "iam", "delete-role", "--role-name", name]


def test_removals_can_be_told_apart() -> None:
    one, other = (Removal("iam", "DeleteRole", {"RoleName": name}) for name in "ab")
    assert one != other
    assert len({one, other, Removal("iam", "DeleteRole", {"RoleName": "a"})}) == 2


def test_what_no_operation_takes_away_has_no_removal() -> None:
    assert removal_of(Kind("sqs", "CreateQueue", "ListQueues"), {}, "a", "eu-west-1") is None


def test_what_a_thing_is_within_is_told_too() -> None:
    kind = Kind("iam", "PutRolePolicy", "ListRolePolicies", "DeleteRolePolicy", (("RoleName", "a"),))
    assert str(removal_of(kind, {}, "b", "")) == "aws iam delete-role-policy --role-name a --policy-name b"


def code() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("work.py", "def work(*_): pass\n")
    return file.getvalue()


def function(clients: Clients) -> None:
    role = clients("iam").create_role(RoleName="work", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    clients("lambda").create_function(
        FunctionName="work", Runtime="python3.12", Role=role, Handler="work.work", Code={"ZipFile": code()}
    )


def network(clients: Clients) -> None:
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")
    ec2.create_security_group(GroupName="group", Description="a group", VpcId=vpc)
    ec2.allocate_address(Domain="vpc")


def role(clients: Clients) -> None:
    iam = clients("iam")
    iam.create_role(RoleName="one", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="one", PolicyName="inline", PolicyDocument=POLICY)
    policy = iam.create_policy(PolicyName="managed", PolicyDocument=POLICY)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="one", PolicyArn=policy)


MADE: dict[str, Callable[[Clients], object]] = {
    "queue": lambda clients: clients("sqs").create_queue(QueueName="one"),
    "topic": lambda clients: clients("sns").create_topic(Name="one"),
    "bucket": lambda clients: clients("s3").create_bucket(Bucket="one"),
    "log group": lambda clients: clients("logs").create_log_group(logGroupName="/one"),
    "alarm": lambda clients: clients("cloudwatch").put_metric_alarm(
        AlarmName="one",
        MetricName="m",
        Namespace="n",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    ),
    "repository": lambda clients: clients("ecr").create_repository(repositoryName="one"),
    "secret": lambda clients: clients("secretsmanager").create_secret(Name="one", SecretString="s"),
    "role with policies": role,
    "function with its role": function,
    "network": network,
    "cluster": lambda clients: clients("ecs").create_cluster(clusterName="one"),
}


@pytest.fixture(scope="module")
def account() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as started:
        started.check()
        yield started


@pytest.mark.parametrize("name", MADE)
def test_making_every_removal_in_the_order_that_is_told_leaves_nothing(account: EmulatedAccount, name: str) -> None:
    account.reset()
    recording = Recording()
    with Proxy(account, observers=[recording]) as proxy:
        MADE[name](Clients(proxy))
    clients = Clients(account)
    left = find_leaks(account, Census({}, frozenset(), {}), recording).leaks
    assert left
    for leak in left:
        assert leak.item.removal is not None, f"nothing removes {leak}"
        leak.item.removal.make(clients)
    assert find_leaks(account, Census({}, frozenset(), {}), recording).leaks == ()


def test_removing_what_is_gone_is_an_error_of_aws(account: EmulatedAccount) -> None:
    account.reset()
    with pytest.raises(ClientError, match="NoSuchEntity"):
        Removal("iam", "DeleteRole", {"RoleName": "gone"}).make(Clients(account))
