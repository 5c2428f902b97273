"""How resources are deleted: the table holds what AWS takes, and deletes each common kind in an account."""

from __future__ import annotations

import functools
import io
import json
import shlex
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session  # type: ignore[import-untyped]
import pytest
from botocore import xform_name

from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.janitor.removal import NoWayError, command, delete, is_going
from stackproof.sandbox.janitor.ways import GOING, WAYS, Way
from stackproof.sandbox.runs import RUN_TAG

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

PREFIX = "arn:aws"
PLACE = "us-east-1:123456789012"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


@pytest.fixture(scope="module")
def account() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as started:
        yield started


@pytest.fixture(scope="module")
def clients(account: EmulatedAccount) -> Clients:
    return Clients(account)


@functools.cache
def model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def operation(service: str, call: str) -> Any:
    found = {xform_name(name): name for name in model(service).operation_names}
    assert call in found, f"{service} has no {call}"
    return model(service).operation_model(found[call])


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.form)
def test_each_call_is_one_of_aws_with_its_parameters(way: Way) -> None:
    shape = operation(way.client, way.call).input_shape
    assert set(way.parameters) <= set(shape.members)
    if way.prepare is None:
        assert set(shape.required_members) <= set(way.parameters)


@pytest.mark.parametrize("form", GOING)
def test_each_sign_is_asked_for_as_aws_takes_it_and_found_where_it_answers(form: str) -> None:
    way = next(way for way in WAYS if way.form == form)
    sign = GOING[form]
    asked = operation(way.client, sign.call)
    assert set(asked.input_shape.required_members) <= set(sign.parameters) <= set(asked.input_shape.members)
    shape = asked.output_shape
    for step in sign.path.replace("[0]", ".0").split("."):
        shape = shape.member if step.isdigit() else shape.members[step]
    assert shape.type_name == "string"


def test_no_row_hides_a_later_one() -> None:
    forms = [way.form for way in WAYS]
    assert len(set(forms)) == len(forms)
    for number, form in enumerate(forms):
        example = form.replace("*", "x")
        first = next(way.form for way in WAYS if _fits(example, way.form))
        assert first == form, f"{forms[number]} is never reached"


def _fits(text: str, form: str) -> bool:
    from fnmatch import fnmatchcase

    return fnmatchcase(text, form)


def bucket(clients: Clients) -> str:
    s3 = clients("s3")
    s3.create_bucket(Bucket="full")
    s3.put_bucket_versioning(Bucket="full", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="full", Key="key", Body=body)
    s3.delete_object(Bucket="full", Key="key")
    return f"{PREFIX}:s3:::full"


def queue(clients: Clients) -> str:
    clients("sqs").create_queue(QueueName="jobs")
    return f"{PREFIX}:sqs:{PLACE}:jobs"


def topic(clients: Clients) -> str:
    return str(clients("sns").create_topic(Name="news")["TopicArn"])


def table(clients: Clients) -> str:
    made = clients("dynamodb").create_table(
        TableName="kept",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=True,
    )
    return str(made["TableDescription"]["TableArn"])


def role(clients: Clients) -> str:
    iam = clients("iam")
    made = iam.create_role(RoleName="worker", Path="/team/", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="worker", PolicyName="inline", PolicyDocument=POLICY)
    policy = iam.create_policy(PolicyName="attached", PolicyDocument=POLICY)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="worker", PolicyArn=policy)
    iam.create_instance_profile(InstanceProfileName="worker")
    iam.add_role_to_instance_profile(InstanceProfileName="worker", RoleName="worker")
    return str(made["Role"]["Arn"])


def user(clients: Clients) -> str:
    iam = clients("iam")
    made = iam.create_user(UserName="robot")
    iam.create_access_key(UserName="robot")
    iam.put_user_policy(UserName="robot", PolicyName="inline", PolicyDocument=POLICY)
    iam.create_group(GroupName="robots")
    iam.add_user_to_group(GroupName="robots", UserName="robot")
    return str(made["User"]["Arn"])


def policy(clients: Clients) -> str:
    iam = clients("iam")
    arn = iam.create_policy(PolicyName="versions", PolicyDocument=POLICY)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=POLICY, SetAsDefault=True)
    return str(arn)


def profile(clients: Clients) -> str:
    iam = clients("iam")
    iam.create_role(RoleName="carried", AssumeRolePolicyDocument=TRUST)
    made = iam.create_instance_profile(InstanceProfileName="carrier")
    iam.add_role_to_instance_profile(InstanceProfileName="carrier", RoleName="carried")
    return str(made["InstanceProfile"]["Arn"])


def log_group(clients: Clients) -> str:
    clients("logs").create_log_group(logGroupName="/ecs/shop")
    return f"{PREFIX}:logs:{PLACE}:log-group:/ecs/shop"


def cluster(clients: Clients) -> str:
    return str(clients("ecs").create_cluster(clusterName="empty")["cluster"]["clusterArn"])


def definition(clients: Clients) -> str:
    containers = [{"name": "one", "image": "one", "memory": 64}]
    made = clients("ecs").register_task_definition(family="app", containerDefinitions=containers)
    return str(made["taskDefinition"]["taskDefinitionArn"])


def service(clients: Clients) -> str:
    ecs = clients("ecs")
    ecs.create_cluster(clusterName="busy")
    containers = [{"name": "one", "image": "one", "memory": 64}]
    family = ecs.register_task_definition(family="served", containerDefinitions=containers)["taskDefinition"]["family"]
    made = ecs.create_service(cluster="busy", serviceName="web", taskDefinition=family, desiredCount=1)
    return str(made["service"]["serviceArn"])


def repository(clients: Clients) -> str:
    return str(clients("ecr").create_repository(repositoryName="team/app")["repository"]["repositoryArn"])


def _vpc(clients: Clients) -> str:
    return str(clients("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])


def vpc(clients: Clients) -> str:
    return f"{PREFIX}:ec2:{PLACE}:vpc/{_vpc(clients)}"


def subnet(clients: Clients) -> str:
    made = clients("ec2").create_subnet(VpcId=_vpc(clients), CidrBlock="10.0.0.0/24")
    return f"{PREFIX}:ec2:{PLACE}:subnet/{made['Subnet']['SubnetId']}"


def group(clients: Clients) -> str:
    ec2, home = clients("ec2"), _vpc(clients)
    made, other = (ec2.create_security_group(GroupName=n, Description=n, VpcId=home)["GroupId"] for n in ("a", "b"))
    for one, another in ((made, other), (other, made)):
        pair = [{"GroupId": another}]
        ec2.authorize_security_group_ingress(
            GroupId=one, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": pair}]
        )
    return f"{PREFIX}:ec2:{PLACE}:security-group/{made}"


def gateway(clients: Clients) -> str:
    ec2 = clients("ec2")
    made = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=made, VpcId=_vpc(clients))
    return f"{PREFIX}:ec2:{PLACE}:internet-gateway/{made}"


def route_table(clients: Clients) -> str:
    ec2, home = clients("ec2"), _vpc(clients)
    inner = ec2.create_subnet(VpcId=home, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    made = ec2.create_route_table(VpcId=home)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=made, SubnetId=inner)
    return f"{PREFIX}:ec2:{PLACE}:route-table/{made}"


def address(clients: Clients) -> str:
    made = clients("ec2").allocate_address(Domain="vpc")
    return f"{PREFIX}:ec2:{PLACE}:elastic-ip/{made['AllocationId']}"


def nat(clients: Clients) -> str:
    ec2, inner = clients("ec2"), subnet(clients).rsplit("/", 1)[-1]
    allocated = ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = ec2.create_nat_gateway(SubnetId=inner, AllocationId=allocated)["NatGateway"]["NatGatewayId"]
    return f"{PREFIX}:ec2:{PLACE}:natgateway/{made}"


def balancer(clients: Clients) -> str:
    elb, inner = clients("elbv2"), subnet(clients).rsplit("/", 1)[-1]
    arn = elb.create_load_balancer(Name="front", Subnets=[inner])["LoadBalancers"][0]["LoadBalancerArn"]
    protected = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=protected)
    return str(arn)


def target_group(clients: Clients) -> str:
    made = clients("elbv2").create_target_group(Name="back", Protocol="HTTP", Port=80, VpcId=_vpc(clients))
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def key(clients: Clients) -> str:
    return str(clients("kms").create_key()["KeyMetadata"]["Arn"])


def secret(clients: Clients) -> str:
    return str(clients("secretsmanager").create_secret(Name="shop/token")["ARN"])


def parameter(clients: Clients) -> str:
    tags = [{"Key": RUN_TAG, "Value": "x"}]
    clients("ssm").put_parameter(Name="/shop/size", Value="1", Type="String", Tags=tags)
    return f"{PREFIX}:ssm:{PLACE}:parameter/shop/size"


def function(clients: Clients) -> str:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("main.py", "")
    owner = clients("iam").create_role(RoleName="function", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    code = {"ZipFile": zipped.getvalue()}
    made = clients("lambda").create_function(
        FunctionName="work", Runtime="python3.12", Role=owner, Handler="main.main", Code=code
    )
    return str(made["FunctionArn"])


def rule(clients: Clients) -> str:
    events = clients("events")
    arn = events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")["RuleArn"]
    events.put_targets(Rule="nightly", Targets=[{"Id": "one", "Arn": f"{PREFIX}:sqs:{PLACE}:jobs"}])
    return str(arn)


def alarm(clients: Clients) -> str:
    clients("cloudwatch").put_metric_alarm(
        AlarmName="shop: too hot",
        MetricName="CPU",
        Namespace="AWS/ECS",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=80,
        ComparisonOperator="GreaterThanThreshold",
    )
    return f"{PREFIX}:cloudwatch:{PLACE}:alarm:shop: too hot"


MAKERS = (
    bucket, queue, topic, table, role, user, policy, profile, log_group, cluster, definition, service, repository, vpc,
    subnet, gateway, route_table, address, nat, balancer, target_group, key, secret, parameter, function, rule, alarm,
)  # fmt: skip

LISTED: dict[str, Callable[[Clients], object]] = {
    "bucket": lambda clients: [entry["Name"] for entry in clients("s3").list_buckets()["Buckets"]],
    "queue": lambda clients: clients("sqs").list_queues().get("QueueUrls"),
    "topic": lambda clients: clients("sns").list_topics()["Topics"],
    "table": lambda clients: clients("dynamodb").list_tables()["TableNames"],
    "role": lambda clients: [entry["Arn"] for entry in clients("iam").list_roles()["Roles"]],
    "user": lambda clients: [entry["Arn"] for entry in clients("iam").list_users()["Users"]],
    "policy": lambda clients: [entry["Arn"] for entry in clients("iam").list_policies(Scope="Local")["Policies"]],
    "profile": lambda clients: [entry["Arn"] for entry in clients("iam").list_instance_profiles()["InstanceProfiles"]],
    "log_group": lambda clients: [entry["arn"] for entry in clients("logs").describe_log_groups()["logGroups"]],
    "repository": lambda clients: clients("ecr").describe_repositories()["repositories"],
    "vpc": lambda clients: [entry["VpcId"] for entry in clients("ec2").describe_vpcs()["Vpcs"]],
    "subnet": lambda clients: [entry["SubnetId"] for entry in clients("ec2").describe_subnets()["Subnets"]],
    "gateway": lambda clients: clients("ec2").describe_internet_gateways()["InternetGateways"],
    "route_table": lambda clients: [
        entry["RouteTableId"] for entry in clients("ec2").describe_route_tables()["RouteTables"]
    ],
    "address": lambda clients: [entry["AllocationId"] for entry in clients("ec2").describe_addresses()["Addresses"]],
    "balancer": lambda clients: clients("elbv2").describe_load_balancers()["LoadBalancers"],
    "target_group": lambda clients: clients("elbv2").describe_target_groups()["TargetGroups"],
    "secret": lambda clients: clients("secretsmanager").list_secrets()["SecretList"],
    "parameter": lambda clients: clients("ssm").describe_parameters()["Parameters"],
    "function": lambda clients: clients("lambda").list_functions()["Functions"],
    "rule": lambda clients: clients("events").list_rules()["Rules"],
    "alarm": lambda clients: clients("cloudwatch").describe_alarms()["MetricAlarms"],
}


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_each_common_kind_is_deleted_with_what_it_holds(clients: Clients, make: Callable[[Clients], str]) -> None:
    arn = make(clients)
    name = arn.rsplit("/", 1)[-1].rsplit(":", 1)[-1].strip()
    listed = LISTED.get(make.__name__)
    assert not is_going(clients, arn)
    if listed:
        assert name in str(listed(clients))
    delete(clients, arn)
    assert is_going(clients, arn) if listed is None else name not in str(listed(clients))


def test_groups_whose_rules_name_each_other_can_be_deleted(clients: Clients) -> None:
    delete(clients, arn := group(clients))
    found = clients("ec2").describe_security_groups()["SecurityGroups"]
    assert arn.rsplit("/", 1)[-1] not in {entry["GroupId"] for entry in found}


@pytest.mark.parametrize("egress", [False, True])
def test_a_rule_is_revoked_in_its_direction(clients: Clients, egress: bool) -> None:
    ec2, home = clients("ec2"), _vpc(clients)
    made = ec2.create_security_group(GroupName="rules", Description="rules", VpcId=home)["GroupId"]
    permission = [{"IpProtocol": "tcp", "FromPort": 81, "ToPort": 81, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]
    authorize = ec2.authorize_security_group_egress if egress else ec2.authorize_security_group_ingress
    rule_id = authorize(GroupId=made, IpPermissions=permission)["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    delete(clients, f"{PREFIX}:ec2:{PLACE}:security-group-rule/{rule_id}")
    filters = [{"Name": "group-id", "Values": [made]}]
    rules = ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    assert rule_id not in {entry["SecurityGroupRuleId"] for entry in rules}


def test_a_parameter_s_name_is_found_whether_or_not_it_begins_with_a_slash(clients: Clients) -> None:
    ssm = clients("ssm")
    for name in ("flat", "/rooted"):
        ssm.put_parameter(Name=name, Value="1", Type="String", Tags=[{"Key": RUN_TAG, "Value": "x"}])
        delete(clients, f"{PREFIX}:ssm:{PLACE}:parameter/{name.lstrip('/')}")
    assert ssm.describe_parameters()["Parameters"] == []


@pytest.mark.parametrize(
    ("arn", "says"),
    [
        (f"{PREFIX}:s3:::left", "aws s3 rb --force s3://left"),
        (f"{PREFIX}:iam::1:role/team/worker", "aws iam delete-role --role-name worker"),
        (
            f"{PREFIX}:ec2:{PLACE}:natgateway/nat-1",
            "aws ec2 delete-nat-gateway --nat-gateway-id nat-1 --region us-east-1",
        ),
        (
            f"{PREFIX}:ecs:{PLACE}:service/shop/web",
            f"aws ecs delete-service --cluster shop --service {PREFIX}:ecs:{PLACE}:service/shop/web --force --region",
        ),
        (
            f"{PREFIX}:cloudwatch:{PLACE}:alarm:too $(hot)",
            "aws cloudwatch delete-alarms --alarm-names 'too $(hot)' --region us-east-1",
        ),
        (f"{PREFIX}:kms:{PLACE}:key/1", "--pending-window-in-days 7"),
        (f"{PREFIX}:sqs:{PLACE}:jobs", '"$(aws sqs get-queue-url --queue-name jobs'),
        (f"{PREFIX}:unheard:{PLACE}:of/it", "aws unheard help"),
    ],
)
def test_the_command_is_one_that_a_person_can_paste(arn: str, says: str) -> None:
    assert says in command(arn)
    assert shlex.split(command(arn))[0] == "aws"


def test_what_is_no_arn_or_of_no_known_kind_has_no_way(clients: Clients) -> None:
    for name in ("nonsense", "arn:aws:unheard:us-east-1:1:of/it", ""):
        with pytest.raises(NoWayError):
            delete(clients, name)
        assert not is_going(clients, name)
