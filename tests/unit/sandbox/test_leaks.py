"""The leak check against things left on purpose in an emulated account, and against calls written by hand."""

from __future__ import annotations

import io
import json
import shlex
import zipfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from stackproof.errors import SandboxError
from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.leaks import (
    Census,
    Item,
    Kind,
    Leak,
    Leaks,
    Standing,
    compare,
    find_leaks,
    kinds_of,
    kinds_touched,
    take,
)
from stackproof.sandbox.leaks.counted import CountedBefore
from stackproof.sandbox.leaks.kinds import kinds_made, singular
from stackproof.sandbox.leaks.removal import Removal
from stackproof.sandbox.proxy.proxy import Proxy
from stackproof.sandbox.proxy.recording import Recording

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
        ],
    }
)
ALLOWED = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}
)
SERVICES = (
    "application-autoscaling", "cloudwatch", "codebuild", "codestar-connections", "dynamodb", "ec2", "ecr", "ecs",
    "elbv2", "events", "iam", "kms", "lambda", "logs", "s3", "secretsmanager", "sns", "sqs", "ssm",
)  # fmt: skip

Make = Callable[[Clients], object]


def vpc(client: Clients) -> str:
    return str(client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"])


def subnets(client: Clients) -> list[str]:
    within = vpc(client)
    return [
        client("ec2").create_subnet(VpcId=within, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")[
            "Subnet"
        ]["SubnetId"]
        for number, zone in enumerate("ab")
    ]


def balancer(client: Clients) -> str:
    made = client("elbv2").create_load_balancer(Name="balancer", Subnets=subnets(client))
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def target_group(client: Clients) -> str:
    made = client("elbv2").create_target_group(Name="targets", Protocol="HTTP", Port=80, VpcId=vpc(client))
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def listener(client: Clients) -> str:
    action = {"Type": "forward", "TargetGroupArn": target_group(client)}
    made = client("elbv2").create_listener(
        LoadBalancerArn=balancer(client), Protocol="HTTP", Port=80, DefaultActions=[action]
    )
    return str(made["Listeners"][0]["ListenerArn"])


def role(client: Clients, name: str = "worker") -> str:
    return str(client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"])


def policy(client: Clients) -> str:
    return str(client("iam").create_policy(PolicyName="send", PolicyDocument=ALLOWED)["Policy"]["Arn"])


def attached(client: Clients) -> None:
    role(client)
    client("iam").attach_role_policy(RoleName="worker", PolicyArn=policy(client))


def inline(client: Clients) -> None:
    role(client)
    client("iam").put_role_policy(RoleName="worker", PolicyName="inline", PolicyDocument=ALLOWED)


def service(client: Clients) -> None:
    cluster(client)
    task_definition(client)
    client("ecs").create_service(cluster="cluster", serviceName="web", taskDefinition="task", desiredCount=0)


def cluster(client: Clients) -> None:
    client("ecs").create_cluster(clusterName="cluster")


def task_definition(client: Clients) -> None:
    container = {"name": "web", "image": "web", "memory": 128}
    client("ecs").register_task_definition(family="task", containerDefinitions=[container])


def scaling(client: Clients) -> None:
    service(client)
    what = {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/cluster/web",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    client("application-autoscaling").register_scalable_target(**what, MinCapacity=1, MaxCapacity=2)
    client("application-autoscaling").put_scaling_policy(**what, PolicyName="busy", PolicyType="TargetTrackingScaling")


def rule(client: Clients) -> None:
    client("events").put_rule(Name="failed", EventPattern='{"source": ["aws.ecs"]}')
    client("events").put_targets(Rule="failed", Targets=[{"Id": "topic", "Arn": topic(client)}])


def topic(client: Clients) -> str:
    return str(client("sns").create_topic(Name="news")["TopicArn"])


def subscription(client: Clients) -> None:
    client("sns").subscribe(TopicArn=topic(client), Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:q")


def alarm(client: Clients) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName="busy", ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, Namespace="n", MetricName="m",
        Period=60, Statistic="Average", Threshold=1,
    )  # fmt: skip


def project(client: Clients) -> None:
    client("codebuild").create_project(
        name="build",
        source={"type": "S3", "location": "bucket/path/"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL"},
        serviceRole=role(client),
    )


def function(client: Clients) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): pass")
    client("lambda").create_function(
        FunctionName="work", Runtime="python3.11", Role=role(client), Handler="index.handler",
        Code={"ZipFile": packed.getvalue()},
    )  # fmt: skip


def table(client: Clients) -> None:
    client("dynamodb").create_table(
        TableName="table", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip


def gateway(client: Clients) -> None:
    address = client("ec2").allocate_address(Domain="vpc")["AllocationId"]
    client("ec2").create_nat_gateway(SubnetId=subnets(client)[0], AllocationId=address)


def flow_logs(client: Clients) -> None:
    client("logs").create_log_group(logGroupName="flow")
    client("ec2").create_flow_logs(
        ResourceIds=[vpc(client)], ResourceType="VPC", TrafficType="ALL", LogGroupName="flow",
        DeliverLogsPermissionArn=role(client),
    )  # fmt: skip


def stored(client: Clients) -> None:
    client("s3").create_bucket(Bucket="leaky-bucket")
    client("s3").put_object(Bucket="leaky-bucket", Key="some/thing", Body=b"x")


LEFT: Mapping[str, tuple[Make, set[str], str]] = {
    "vpc": (vpc, {"ec2 Vpc"}, "aws ec2 delete-vpc --vpc-id vpc-"),
    "subnet": (subnets, {"ec2 Vpc", "ec2 Subnet"}, "aws ec2 delete-subnet --subnet-id subnet-"),
    "security group": (
        lambda client: client("ec2").create_security_group(GroupName="g", Description="g", VpcId=vpc(client)),
        {"ec2 Vpc", "ec2 SecurityGroup"},
        "aws ec2 delete-security-group --group-id sg-",
    ),
    "internet gateway": (
        lambda client: client("ec2").create_internet_gateway(),
        {"ec2 InternetGateway"},
        "aws ec2 delete-internet-gateway --internet-gateway-id igw-",
    ),
    "route table": (
        lambda client: client("ec2").create_route_table(VpcId=vpc(client)),
        {"ec2 Vpc", "ec2 RouteTable"},
        "aws ec2 delete-route-table --route-table-id rtb-",
    ),
    "network interface": (
        lambda client: client("ec2").create_network_interface(SubnetId=subnets(client)[0]),
        {"ec2 Vpc", "ec2 Subnet", "ec2 NetworkInterface"},
        "aws ec2 delete-network-interface --network-interface-id eni-",
    ),
    "gateway and address": (
        gateway,
        {"ec2 Vpc", "ec2 Subnet", "ec2 Address", "ec2 NatGateway", "ec2 NetworkInterface"},
        "aws ec2 release-address --allocation-id eipalloc-",
    ),
    "flow logs": (
        flow_logs,
        {"ec2 Vpc", "ec2 FlowLog", "logs LogGroup", "iam Role"},
        "aws ec2 delete-flow-logs --flow-log-ids fl-",
    ),
    "endpoint": (
        lambda client: client("ec2").create_vpc_endpoint(VpcId=vpc(client), ServiceName="com.amazonaws.us-east-1.s3"),
        {"ec2 Vpc", "ec2 VpcEndpoint"},
        "aws ec2 delete-vpc-endpoints --vpc-endpoint-ids vpce-",
    ),
    "load balancer": (
        listener,
        {
            "ec2 Vpc",
            "ec2 Subnet",
            "elbv2 LoadBalancer",
            "elbv2 Listener",
            "elbv2 TargetGroup",
        },
        "aws elbv2 delete-listener --listener-arn arn:aws:elasticloadbalancing:",
    ),
    "role": (role, {"iam Role"}, "aws iam delete-role --role-name worker"),
    "inline policy": (
        inline,
        {"iam Role", "iam RolePolicy"},
        "aws iam delete-role-policy --role-name worker --policy-name inline",
    ),
    "attached policy": (
        attached,
        {"iam Role", "iam Policy", "iam RolePolicy"},
        "aws iam detach-role-policy --role-name worker --policy-arn arn:aws:iam::123456789012:policy/send",
    ),
    "user": (lambda client: client("iam").create_user(UserName="u"), {"iam User"}, "aws iam delete-user --user-name u"),
    "instance profile": (
        lambda client: client("iam").create_instance_profile(InstanceProfileName="p"),
        {"iam InstanceProfile"},
        "aws iam delete-instance-profile --instance-profile-name p",
    ),
    "cluster": (cluster, {"ecs Cluster"}, "aws ecs delete-cluster --cluster arn:aws:ecs:"),
    "task definition": (
        task_definition,
        {"ecs TaskDefinition"},
        "aws ecs deregister-task-definition --task-definition arn:aws:ecs:",
    ),
    "scaling": (
        scaling,
        {
            "ecs Cluster",
            "ecs TaskDefinition",
            "ecs Service",
            "application-autoscaling ScalableTarget",
            "application-autoscaling ScalingPolicy",
            # which nobody asked for: a policy that tracks a target makes them itself
            "cloudwatch Alarm",
        },
        "aws ecs delete-service --service arn:aws:ecs:us-east-1:123456789012:service/cluster/web --cluster cluster",
    ),
    "repository": (
        lambda client: client("ecr").create_repository(repositoryName="images"),
        {"ecr Repository"},
        "aws ecr delete-repository --repository-name images --force",
    ),
    "log group": (
        lambda client: client("logs").create_log_group(logGroupName="/own/log"),
        {"logs LogGroup"},
        "aws logs delete-log-group --log-group-name /own/log",
    ),
    "alarm": (alarm, {"cloudwatch Alarm"}, "aws cloudwatch delete-alarms --alarm-names busy"),
    "rule": (
        rule,
        {"events Rule", "events Target", "sns Topic"},
        "aws events remove-targets --rule failed --ids topic",
    ),
    "subscription": (
        subscription,
        {"sns Topic", "sns Subscription"},
        "aws sns unsubscribe --subscription-arn arn:aws:sns:",
    ),
    "queue": (
        lambda client: client("sqs").create_queue(QueueName="jobs"),
        {"sqs Queue"},
        "aws sqs delete-queue --queue-url http://",
    ),
    "key": (lambda client: client("kms").create_key(), {"kms Key"}, "aws kms schedule-key-deletion --key-id "),
    "alias": (
        lambda client: client("kms").create_alias(
            AliasName="alias/own", TargetKeyId=client("kms").create_key()["KeyMetadata"]["KeyId"]
        ),
        {"kms Key", "kms Alias"},
        "aws kms delete-alias --alias-name alias/own",
    ),
    "bucket and object": (
        stored,
        {"s3 Bucket", "s3 ObjectVersion"},
        "aws s3api delete-object --bucket leaky-bucket --key some/thing",
    ),
    "secret": (
        lambda client: client("secretsmanager").create_secret(Name="token", SecretString="value"),
        {"secretsmanager Secret"},
        "aws secretsmanager delete-secret --secret-id arn:aws:secretsmanager:",
    ),
    "project": (project, {"codebuild Project", "iam Role"}, "aws codebuild delete-project --name build"),
    "parameter": (
        lambda client: client("ssm").put_parameter(Name="/own", Value="x", Type="String"),
        {"ssm Parameter"},
        "aws ssm delete-parameter --name /own",
    ),
    "table": (table, {"dynamodb Table"}, "aws dynamodb delete-table --table-name table"),
    "function": (function, {"lambda Function", "iam Role"}, "aws lambda delete-function --function-name work"),
}
"""What is left, which leaks that is, and the beginning of one of the commands that remove it."""


@pytest.fixture(scope="module")
def account() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as account:
        account.check()
        yield account


@pytest.fixture(scope="module")
def before(account: EmulatedAccount) -> Census:
    """What an account holds that nobody has touched."""
    account.reset()
    return take(account, kinds_of(SERVICES))


@pytest.fixture
def recorded(account: EmulatedAccount, before: Census) -> Iterator[tuple[Clients, Recording]]:
    """Clients of an untouched account, through a proxy that records what they ask of it."""
    assert before.items
    account.reset()
    recording = Recording()
    with Proxy(account, observers=[recording]) as proxy:
        yield Clients(proxy), recording


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left_is_named_with_how_to_remove_it(
    name: str, account: EmulatedAccount, before: Census, recorded: tuple[Clients, Recording]
) -> None:
    clients, recording = recorded
    make, kinds, removal = LEFT[name]
    make(clients)
    found = find_leaks(account, before, recording.calls)
    assert {f"{leak.item.kind.service} {leak.item.kind.noun}" for leak in found.leaks} == kinds
    assert found.undecided == ()
    assert any(str(leak.item.removal).startswith(removal) for leak in found.leaks), str(found)
    assert all(str(leak.item.removal).endswith(" --region us-east-1") for leak in found.leaks), str(found)


def test_nothing_is_left_where_everything_was_removed(
    account: EmulatedAccount, before: Census, recorded: tuple[Clients, Recording]
) -> None:
    clients, recording = recorded
    attached(clients)
    clients("iam").detach_role_policy(RoleName="worker", PolicyArn="arn:aws:iam::123456789012:policy/send")
    clients("iam").delete_policy(PolicyArn="arn:aws:iam::123456789012:policy/send")
    clients("iam").delete_role(RoleName="worker")
    within = vpc(clients)
    table_id = clients("ec2").create_route_table(VpcId=within)["RouteTable"]["RouteTableId"]
    gateway_id = clients("ec2").create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    clients("ec2").attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=within)
    clients("ec2").create_route(RouteTableId=table_id, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway_id)
    clients("ec2").delete_route_table(RouteTableId=table_id)
    clients("ec2").detach_internet_gateway(InternetGatewayId=gateway_id, VpcId=within)
    clients("ec2").delete_internet_gateway(InternetGatewayId=gateway_id)
    clients("ec2").delete_vpc(VpcId=within)
    clients("s3").create_bucket(Bucket="short-lived-bucket")
    clients("s3").put_bucket_policy(Bucket="short-lived-bucket", Policy=ALLOWED)
    clients("s3").delete_bucket(Bucket="short-lived-bucket")
    task_definition(clients)
    clients("ecs").deregister_task_definition(taskDefinition="task:1")
    service(clients)
    clients("ecs").delete_service(cluster="cluster", service="web", force=True)
    clients("ecs").delete_cluster(cluster="cluster")
    clients("ecs").deregister_task_definition(taskDefinition="task:2")
    found = find_leaks(account, before, recording.calls)
    assert str(found) == "nothing is left"
    found.require_none()


def test_what_goes_by_itself_is_told_apart(
    account: EmulatedAccount, before: Census, recorded: tuple[Clients, Recording]
) -> None:
    clients, recording = recorded
    clients("kms").schedule_key_deletion(KeyId=clients("kms").create_key()["KeyMetadata"]["KeyId"])
    clients("secretsmanager").create_secret(Name="token", SecretString="value")
    clients("secretsmanager").delete_secret(SecretId="token", RecoveryWindowInDays=7)
    found = find_leaks(account, before, recording.calls)
    assert found.leaks == ()
    assert {str(leak.item.kind) for leak in found.going} == {"kms Key", "secretsmanager Secret"}
    assert found.none_for_certain
    assert all(line.startswith("going by itself: ") for line in str(found).splitlines())


def test_what_was_there_before_is_no_leak(account: EmulatedAccount, recorded: tuple[Clients, Recording]) -> None:
    clients, recording = recorded
    role(Clients(account), "theirs")
    before = take(account, kinds_of(["iam"]))
    role(clients, "ours")
    (leak,) = find_leaks(account, before, recording.calls).leaks
    assert leak.item.arn == "arn:aws:iam::123456789012:role/ours"
    assert str(leak.call) == "iam:CreateRole"


def test_a_leak_is_found_where_nothing_was_counted_before(
    account: EmulatedAccount, recorded: tuple[Clients, Recording]
) -> None:
    clients, recording = recorded
    role(Clients(account), "theirs")
    role(clients, "ours")
    found = find_leaks(account, take(account, ()), recording.calls)
    assert [leak.item.arn for leak in found.leaks] == ["arn:aws:iam::123456789012:role/ours"]
    # whose the other one is, nobody knows
    assert found.undecided == ("iam Role: 1 were there that no recorded call made, and nobody counted them before",)


def test_a_thing_whose_making_was_never_answered_is_found(
    account: EmulatedAccount, before: Census, recorded: tuple[Clients, Recording]
) -> None:
    clients, _ = recorded
    role(clients)
    lost = Call("iam", "CreateRole", status=0, parameters={"RoleName": "worker"})
    (leak,) = find_leaks(account, before, [lost]).leaks
    assert leak.call is lost


def test_removing_in_the_order_that_is_told_leaves_nothing(
    account: EmulatedAccount, before: Census, recorded: tuple[Clients, Recording]
) -> None:
    clients, recording = recorded
    inline(clients)
    found = find_leaks(account, before, recording.calls)
    with pytest.raises(SandboxError, match=r"left in the account: 2, undecided: 0; .+:\niam RolePolicy"):
        found.require_none()
    for leak in found.leaks:
        _, service, command, *words = shlex.split(str(leak.item.removal))
        options = dict(zip(words[::2], words[1::2], strict=True))
        assert options.pop("--region") == "us-east-1"
        given = {"".join(part.title() for part in name[2:].split("-")): value for name, value in options.items()}
        getattr(clients(service), command.replace("-", "_"))(**given)
    assert find_leaks(account, before, recording.calls).none_for_certain


def test_censuses_can_be_taken_side_by_side(account: EmulatedAccount, before: Census) -> None:
    account.reset()
    role(Clients(account))
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: take(account, kinds_of(["iam", "sqs"])), range(2))
    assert first.items.keys() == second.items.keys()
    assert first.items.keys() - before.items.keys() == {("iam", "Role", "arn:aws:iam::123456789012:role/worker")}


def test_what_several_calls_make_is_counted_before_the_first_of_them_only(account: EmulatedAccount) -> None:
    account.reset()
    counted, recording = CountedBefore(account), Recording()
    with Proxy(account, interceptors=[counted], observers=[recording]) as proxy:
        ec2 = Clients(proxy)("ec2")
        (subnet, _), within = subnets(Clients(account)), vpc(Clients(account))
        table = ec2.create_route_table(VpcId=within)["RouteTable"]["RouteTableId"]
        # tables are listed by the same operation as what associates them
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    (leak,) = find_leaks(account, counted.census, recording.calls).leaks
    assert leak.item.identity == table


def nothing(*counted: Kind, **more: Any) -> Census:
    return Census({}, frozenset(counted), more.get("failed", {}))


def test_what_cannot_be_listed_is_undecided_and_named() -> None:
    made = Call("ec2", "CreateCarrierThing", status=200, answer={"Thing.ThingId": "thing-1"})
    found = compare(nothing(), nothing(), [made])
    assert found.undecided == (
        "ec2:CreateCarrierThing made thing-1, and nobody knows whether it is still there (no operation lists them)",
    )
    assert not found.none_for_certain


def test_what_cannot_be_listed_but_was_deleted_is_gone() -> None:
    made = Call("ec2", "CreateCarrierThing", status=200, answer={"Thing.ThingId": "thing-1"})
    other = Call("ec2", "DeleteCarrierThing", status=200, parameters={"ThingId": "thing-2"})
    failed = Call("ec2", "DeleteCarrierThing", status=500, parameters={"ThingId": "thing-1"})
    gone = Call("ec2", "DeleteCarrierThing", status=200, parameters={"ThingId": "thing-1"})
    assert compare(nothing(), nothing(), [made, gone]).undecided == ()
    assert compare(nothing(), nothing(), [made, other, failed]).undecided != ()


def test_a_listing_that_fails_leaves_its_kind_undecided() -> None:
    made = Call("iam", "CreateRole", status=200, parameters={"RoleName": "worker"})
    (kind,) = kinds_made(made)
    found = compare(nothing(kind), nothing(failed={kind: "ListRoles: AccessDenied"}), [made])
    assert found.undecided == (
        "iam:CreateRole made worker, and nobody knows whether it is still there (ListRoles: AccessDenied)",
    )


def test_a_listing_that_is_denied_is_told(account: EmulatedAccount) -> None:
    kind = Kind("iam", "CreateThing", "ListAttachedRolePolicies")
    census = take(account, [kind])
    assert "RoleName" in census.failed[kind]


def test_what_was_added_to_something_that_was_there_before_is_undecided() -> None:
    added = Call("s3", "PutBucketPolicy", status=200, parameters={"Bucket": "theirs"})
    (sentence,) = compare(nothing(), nothing(), [added]).undecided
    assert sentence.startswith("s3:PutBucketPolicy made theirs")


def test_a_call_that_aws_refused_made_nothing() -> None:
    refused = Call("iam", "CreateRole", status=409, parameters={"RoleName": "worker"})
    assert kinds_touched([refused]) == ()
    assert compare(nothing(), nothing(), [refused]).undecided == ()


@pytest.mark.parametrize(
    ("call", "listing", "undo", "inputs"),
    [
        (Call("codepipeline", "CreatePipeline"), "ListPipelines", "DeletePipeline", ()),
        (Call("codestar-connections", "CreateConnection"), "ListConnections", "DeleteConnection", ()),
        (Call("rds", "CreateDBInstance"), "DescribeDBInstances", "DeleteDBInstance", ()),
        (
            Call("elbv2", "CreateRule", parameters={"ListenerArn": "arn:l"}),
            "DescribeRules",
            "DeleteRule",
            (("ListenerArn", "arn:l"),),
        ),
        (Call("kms", "CreateGrant", parameters={"KeyId": "k"}), "ListGrants", "RevokeGrant", (("KeyId", "k"),)),
        (Call("ec2", "RunInstances"), "DescribeInstances", "TerminateInstances", ()),
        (Call("ec2", "CreateRoute", parameters={"RouteTableId": "rtb-1"}), "", "DeleteRoute", ()),
    ],
)
def test_operations_are_found_by_what_they_are_about(
    call: Call, listing: str, undo: str, inputs: tuple[tuple[str, str], ...]
) -> None:
    (kind,) = kinds_made(call)
    assert (kind.list, kind.undo, kind.inputs) == (listing, undo, inputs)


def test_calls_of_no_aws_service_make_nothing() -> None:
    assert kinds_touched([Call("", "", status=200)]) == ()
    (kind,) = kinds_touched([Call("nosuch", "CreateThing", status=200)])
    assert kind.list == ""


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("Policies", "Policy"), ("Addresses", "Address"), ("FlowLogs", "FlowLog"), ("Aliases", "Alias"),
        ("Alias", "Alias"), ("EventBuses", "EventBus"), ("EventBus", "EventBus"), ("Databases", "Database"),
    ],
)  # fmt: skip
def test_nouns_have_one_form(plural: str, one: str) -> None:
    assert singular(plural) == one


def test_a_leak_as_data_says_what_its_line_says() -> None:
    item = Item(
        Kind("sqs", "CreateQueue", "ListQueues", "DeleteQueue"), "http://q", removal=Removal("sqs", "DeleteQueue", {})
    )
    leak = Leak(item, Call("sqs", "CreateQueue"))
    assert leak.as_dict() == {
        "service": "sqs", "kind": "Queue", "identity": "http://q", "arn": None, "within": {},
        "standing": "held", "made_by": "sqs:CreateQueue", "removal": "aws sqs delete-queue",
    }  # fmt: skip
    assert str(leak) == "sqs Queue http://q, made by sqs:CreateQueue; remove it with: aws sqs delete-queue"
    assert str(Leak(Item(item.kind, "http://q", standing=Standing.GOING))) == (
        "sqs Queue http://q, made by none of the recorded calls"
    )
    assert not Leaks((leak,)).none_for_certain
