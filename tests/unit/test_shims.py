"""What the emulated account does better than moto, and that moto still needs it."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import moto
import pytest
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from stackproof.sandbox.emulated import shims
from stackproof.sandbox.emulated.account import EmulatedAccount

# the botocore that checkov asks for is older than the warning
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

Client = Callable[[str], Any]
CREDENTIALS = {
    "region_name": "eu-west-1",
    "aws_access_key_id": "AKIAEMULATEDEXAMPLE0",
    "aws_secret_access_key": "emulated",
}
AWS_KEY = "arn:aws:kms:eu-west-1:123456789012:alias/aws/s3"
OWN_KEY = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
OUTDATED = "moto can do it by now: delete the shim and its tests"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Clients of the emulated account."""
    with EmulatedAccount(region="eu-west-1") as account:
        yield lambda service: boto3.client(service, endpoint_url=account.endpoint, **CREDENTIALS)


@pytest.fixture
def plain() -> Iterator[Client]:
    """Clients of moto as it is."""
    once = Config(retries={"total_max_attempts": 1, "mode": "standard"})
    with moto.mock_aws():
        yield lambda service: boto3.client(service, config=once, **CREDENTIALS)


def test_only_the_shims_of_a_service_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = []
    for found in pkgutil.iter_modules(shims.__path__):
        shim = f"stackproof.sandbox.emulated.shims.{found.name}.install"
        monkeypatch.setattr(shim, lambda name=found.name: installed.append(name))
    shims.install("codebuild")
    assert sorted(installed) == ["codebuild_deletion", "codebuild_key", "codebuild_location"]
    shims.install("s3")
    assert len(installed) == 3


def test_every_shim_is_documented() -> None:
    page = Path(__file__).parents[2].joinpath("docs/sandbox.md").read_text(encoding="utf-8")
    for found in pkgutil.iter_modules(shims.__path__):
        assert f"| `{found.name}` |" in page


TARGET = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/records",
    "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
}


def test_tags_of_a_scalable_target_are_kept(client: Client) -> None:
    scaling = client("application-autoscaling")
    made = scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=2, Tags={"a": "1", "b": "2"})
    target = made["ScalableTargetARN"]
    # registering again without tags changes the target and not its tags
    scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=3)
    assert scaling.list_tags_for_resource(ResourceARN=target)["Tags"] == {"a": "1", "b": "2"}
    scaling.tag_resource(ResourceARN=target, Tags={"b": "3", "c": "4"})
    scaling.untag_resource(ResourceARN=target, TagKeys=["a", "none"])
    assert scaling.list_tags_for_resource(ResourceARN=target)["Tags"] == {"b": "3", "c": "4"}
    scaling.deregister_scalable_target(**TARGET)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        scaling.list_tags_for_resource(ResourceARN=target)


def test_each_scalable_target_has_tags_of_its_own(client: Client) -> None:
    scaling = client("application-autoscaling")
    other = {**TARGET, "ResourceId": "table/other"}
    sizes = {"MinCapacity": 1, "MaxCapacity": 2}
    with_tags = scaling.register_scalable_target(**other, **sizes, Tags={"a": "1"})["ScalableTargetARN"]
    without = scaling.register_scalable_target(**TARGET, **sizes)["ScalableTargetARN"]
    assert scaling.list_tags_for_resource(ResourceARN=with_tags)["Tags"] == {"a": "1"}
    assert scaling.list_tags_for_resource(ResourceARN=without)["Tags"] == {}


def test_moto_keeps_no_tags_of_scalable_targets(plain: Client) -> None:
    scaling = plain("application-autoscaling")
    made = scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=2, Tags={"a": "1"})
    with pytest.raises(NotImplementedError):
        assert not scaling.list_tags_for_resource(ResourceARN=made["ScalableTargetARN"]), OUTDATED


def project(client: Client, name: str, source: Any, artifacts: Any, **more: Any) -> Any:
    made = client("codebuild").create_project(
        name=name,
        source=source,
        artifacts=artifacts,
        environment={"type": "LINUX_CONTAINER", "image": "image", "computeType": "BUILD_GENERAL1_SMALL"},
        serviceRole="arn:aws:iam::123456789012:role/build",
        **more,
    )
    assert client("codebuild").batch_get_projects(names=[name])["projects"] == [made["project"]]
    return made["project"]


PIPELINE, BUCKET = {"type": "CODEPIPELINE"}, {"type": "S3", "location": "bucket/key"}


def test_a_project_of_a_pipeline_needs_no_location(client: Client) -> None:
    assert project(client, "of-a-pipeline", PIPELINE, PIPELINE)["source"] == PIPELINE
    assert project(client, "of-a-bucket", BUCKET, BUCKET)["artifacts"] == BUCKET


@pytest.mark.parametrize(("source", "artifacts"), [({"type": "S3"}, PIPELINE), (PIPELINE, {"type": "S3"})])
def test_any_other_project_still_does(client: Client, source: Any, artifacts: Any) -> None:
    with pytest.raises(ClientError, match="location is required"):
        project(client, "of-nothing", source, artifacts)


@pytest.mark.parametrize(("source", "artifacts"), [(PIPELINE, BUCKET), (BUCKET, PIPELINE)])
def test_moto_wants_a_location_for_pipelines_too(plain: Client, source: Any, artifacts: Any) -> None:
    with pytest.raises(ClientError, match="location is required"):
        assert not project(plain, "of-a-pipeline", source, artifacts), OUTDATED


def test_a_project_keeps_its_key(client: Client) -> None:
    assert project(client, "own-key", BUCKET, BUCKET, encryptionKey=OWN_KEY)["encryptionKey"] == OWN_KEY
    assert project(client, "no-key", BUCKET, BUCKET)["encryptionKey"] == AWS_KEY


def test_moto_forgets_the_key_of_a_project(plain: Client) -> None:
    found = project(plain, "own-key", BUCKET, BUCKET, encryptionKey=OWN_KEY)
    assert found["encryptionKey"] == AWS_KEY, OUTDATED


def pipeline(client: Client) -> Any:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "codepipeline.amazonaws.com"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = client("iam").create_role(RoleName="pipeline", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    kind = {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"}
    stages = [{"name": name, "actions": [{"name": name, "actionTypeId": kind}]} for name in ("one", "two")]
    store = {"type": "S3", "location": "bucket"}
    client("codepipeline").create_pipeline(
        pipeline={"name": "pipeline", "roleArn": role, "artifactStore": store, "stages": stages}
    )
    return client("codepipeline").get_pipeline(name="pipeline")


def raw(client: Client) -> str:
    """What is answered to GetPipeline, before anything reads a time in it."""
    seen: list[bytes] = []
    asked = client("codepipeline")
    asked.meta.events.register(
        "before-parse.codepipeline.GetPipeline", lambda response_dict, **_: seen.append(response_dict["body"])
    )
    asked.get_pipeline(name="pipeline")
    return seen[0].decode()


def test_times_of_a_pipeline_are_numbers(client: Client) -> None:
    metadata = pipeline(client)["metadata"]
    assert isinstance(metadata["created"], datetime)
    told = json.loads(raw(client))["metadata"]
    assert told["pipelineArn"] == "arn:aws:codepipeline:eu-west-1:123456789012:pipeline"
    assert told["created"] == pytest.approx(metadata["created"].timestamp())
    assert told["updated"] >= told["created"] > 1_700_000_000


def test_moto_tells_the_times_of_a_pipeline_as_texts(plain: Client) -> None:
    pipeline(plain)
    assert isinstance(json.loads(raw(plain))["metadata"]["created"], str), OUTDATED


CODEPIPELINE = "codepipeline.amazonaws.com"
ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
TRUSTS: dict[str, Any] = {
    "a list of services": [{"Service": ["codebuild.amazonaws.com", CODEPIPELINE]}],
    "another principal beside": [ROOT, {"Service": CODEPIPELINE}],
    "anybody beside": ["*", {"Service": CODEPIPELINE}],
}


def trusting(client: Client, name: str, statements: Any) -> dict[str, Any]:
    """A pipeline whose role has this trust policy."""
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    kind = {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"}
    stages = [{"name": stage, "actions": [{"name": stage, "actionTypeId": kind}]} for stage in ("one", "two")]
    return {"name": name, "roleArn": role, "artifactStore": {"type": "S3", "location": "bucket"}, "stages": stages}


def allowed(principal: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}


def only_statement(name: str) -> Any:
    return allowed({"Service": CODEPIPELINE}) if name == "a lone statement" else list(map(allowed, TRUSTS[name]))


@pytest.mark.parametrize("trust", [*TRUSTS, "a lone statement"])
def test_a_pipeline_takes_every_role_that_trusts_it(client: Client, trust: str) -> None:
    wanted = trusting(client, trust.replace(" ", "-"), only_statement(trust))
    assert client("codepipeline").create_pipeline(pipeline=wanted)["pipeline"]["roleArn"] == wanted["roleArn"]


@pytest.mark.parametrize(
    "statement",
    [allowed({"Service": "codebuild.amazonaws.com"}), {**allowed({"Service": CODEPIPELINE}), "Effect": "Deny"}],
    ids=["another service", "denied"],
)
def test_a_pipeline_takes_no_other_role(client: Client, statement: Any, request: pytest.FixtureRequest) -> None:
    wanted = trusting(client, request.node.callspec.id.replace(" ", "-"), [statement])
    with pytest.raises(ClientError, match="is not authorized to perform AssumeRole"):
        client("codepipeline").create_pipeline(pipeline=wanted)


def test_moto_takes_no_role_that_trusts_two_services(plain: Client) -> None:
    wanted = trusting(plain, "two", only_statement("a list of services"))
    with pytest.raises(ClientError, match="is not authorized to perform AssumeRole"):
        assert not plain("codepipeline").create_pipeline(pipeline=wanted), OUTDATED


SERVICE: dict[str, Any] = {
    "deploymentConfiguration": {"maximumPercent": 150, "minimumHealthyPercent": 50},
    "enableECSManagedTags": True,
    "enableExecuteCommand": True,
    "healthCheckGracePeriodSeconds": 60,
    "placementStrategy": [{"type": "spread", "field": "instanceId"}],
    "placementConstraints": [{"type": "distinctInstance"}],
}


def ecs_service(client: Client) -> Any:
    """What is told of a service with settings, and without a network of its own."""
    ecs = client("ecs")
    ecs.create_cluster(clusterName="cluster")
    container = {"name": "one", "image": "image", "memory": 64}
    ecs.register_task_definition(family="family", containerDefinitions=[container])
    ecs.create_service(cluster="cluster", serviceName="service", taskDefinition="family", desiredCount=1, **SERVICE)
    return ecs.describe_services(cluster="cluster", services=["service"])["services"][0]


def test_a_service_keeps_what_it_was_made_with_and_what_it_was_changed_to(client: Client) -> None:
    made = ecs_service(client)
    assert {name: made[name] for name in SERVICE} == SERVICE
    changed = client("ecs").update_service(
        cluster="cluster", service="service", enableECSManagedTags=False, healthCheckGracePeriodSeconds=5
    )["service"]
    assert {name: changed[name] for name in SERVICE} == {
        **SERVICE,
        "enableECSManagedTags": False,
        "healthCheckGracePeriodSeconds": 5,
    }
    # it has no network of its own, and none is told
    assert "networkConfiguration" not in made


def test_moto_forgets_what_a_service_was_made_with(plain: Client) -> None:
    assert not SERVICE.keys() & ecs_service(plain).keys(), OUTDATED


def test_moto_tells_of_a_network_that_a_service_does_not_have(plain: Client) -> None:
    assert ecs_service(plain)["networkConfiguration"] == {}, OUTDATED


def described(client: Client) -> dict[str, str | None]:
    """The descriptions that are told of rules, by what they name."""
    ec2 = client("ec2")
    group = ec2.create_security_group(GroupName="described", Description="d")["GroupId"]
    other = ec2.create_security_group(GroupName="other", Description="d")["GroupId"]
    prefixes = ec2.describe_prefix_lists()["PrefixLists"][0]["PrefixListId"]
    for named in (
        {"IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "addresses"}]},
        {"UserIdGroupPairs": [{"GroupId": other, "Description": "a group"}]},
        {"PrefixListIds": [{"PrefixListId": prefixes, "Description": "a prefix list"}]},
    ):
        permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, **named}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    return {
        next(name for name in ("CidrIpv4", "ReferencedGroupInfo", "PrefixListId") if name in rule): rule.get(
            "Description"
        )
        for rule in rules
        if not rule["IsEgress"]
    }


def test_every_rule_of_a_security_group_has_its_description(client: Client) -> None:
    expected = {"CidrIpv4": "addresses", "ReferencedGroupInfo": "a group", "PrefixListId": "a prefix list"}
    assert described(client) == expected


def test_a_changed_description_of_a_rule_that_names_a_group_is_told(client: Client) -> None:
    ec2 = client("ec2")
    group = ec2.create_security_group(GroupName="changed", Description="d")["GroupId"]
    ports = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    [made] = ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**ports, "UserIdGroupPairs": [{"GroupId": group, "Description": "before"}]}]
    )["SecurityGroupRules"]
    rule = made["SecurityGroupRuleId"]
    changed = {**ports, "ReferencedGroupId": group, "Description": "after"}
    ec2.modify_security_group_rules(
        GroupId=group, SecurityGroupRules=[{"SecurityGroupRuleId": rule, "SecurityGroupRule": changed}]
    )
    [told] = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"]
    assert told["Description"] == "after"


def test_moto_forgets_the_description_of_a_rule_that_names_no_addresses(plain: Client) -> None:
    assert described(plain) == {"CidrIpv4": "addresses", "ReferencedGroupInfo": None, "PrefixListId": None}, OUTDATED


def load_balancer(client: Client, *, protected: bool) -> str:
    subnets = [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"][:2]]
    balancing = client("elbv2")
    arn: str = balancing.create_load_balancer(Name="balancer", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    protect(client, arn, protected)
    return arn


def protect(client: Client, arn: str, protected: bool) -> None:
    value = {"Key": "deletion_protection.enabled", "Value": str(protected).lower()}
    client("elbv2").modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[value])


def test_a_protected_load_balancer_is_not_deleted(client: Client) -> None:
    arn = load_balancer(client, protected=True)
    with pytest.raises(ClientError, match=r"OperationNotPermitted.*deletion protection is enabled"):
        client("elbv2").delete_load_balancer(LoadBalancerArn=arn)
    assert client("elbv2").describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    protect(client, arn, False)
    client("elbv2").delete_load_balancer(LoadBalancerArn=arn)
    assert client("elbv2").describe_load_balancers()["LoadBalancers"] == []
    client("elbv2").delete_load_balancer(LoadBalancerArn=arn)  # like AWS, it is content where it is gone already


def test_moto_deletes_a_protected_load_balancer(plain: Client) -> None:
    plain("elbv2").delete_load_balancer(LoadBalancerArn=load_balancer(plain, protected=True))
    assert plain("elbv2").describe_load_balancers()["LoadBalancers"] == [], OUTDATED


def deployment_group(client: Client) -> Any:
    deploying = client("codedeploy")
    deploying.create_application(applicationName="application", computePlatform="Server")
    for name in ("one", "two"):
        role = "arn:aws:iam::123456789012:role/deploy"
        deploying.create_deployment_group(
            applicationName="application",
            deploymentGroupName=name,
            serviceRoleArn=role,
            tags=[{"Key": "a", "Value": "1"}],
        )
    return deploying


def test_a_deployment_group_and_its_application_are_deleted(client: Client) -> None:
    deploying = deployment_group(client)
    for _ in range(2):  # like AWS, it is content where it is gone already
        answer = deploying.delete_deployment_group(applicationName="application", deploymentGroupName="one")
        assert answer["hooksNotCleanedUp"] == []
    assert deploying.list_deployment_groups(applicationName="application")["deploymentGroups"] == ["two"]
    arn = "arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:application/one"
    assert deploying.list_tags_for_resource(ResourceArn=arn)["Tags"] == []
    for _ in range(2):
        deploying.delete_application(applicationName="application")
    assert deploying.list_applications()["applications"] == []
    assert deploying.list_deployment_groups(applicationName="application")["deploymentGroups"] == []


@pytest.mark.parametrize("what", [{"deploymentGroupName": "one"}, {}], ids=["group", "application"])
def test_moto_deletes_nothing_of_codedeploy(plain: Client, what: dict[str, str]) -> None:
    deploying = deployment_group(plain)
    delete = deploying.delete_deployment_group if what else deploying.delete_application
    with pytest.raises(NotImplementedError):
        assert not delete(applicationName="application", **what), OUTDATED


def subnet_group(client: Client) -> Any:
    subnets = [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"][:2]]
    caching = client("elasticache")
    caching.create_cache_subnet_group(
        CacheSubnetGroupName="group",
        CacheSubnetGroupDescription="d",
        SubnetIds=subnets,
        Tags=[{"Key": "a", "Value": "1"}],
    )
    return caching


def test_a_subnet_group_is_deleted_when_nothing_is_in_it(client: Client) -> None:
    caching = subnet_group(client)
    caching.create_cache_cluster(
        CacheClusterId="cluster",
        Engine="redis",
        NumCacheNodes=1,
        CacheNodeType="cache.t3.micro",
        CacheSubnetGroupName="group",
    )
    with pytest.raises(ClientError, match="CacheSubnetGroupInUse"):
        caching.delete_cache_subnet_group(CacheSubnetGroupName="group")
    caching.delete_cache_cluster(CacheClusterId="cluster")
    caching.delete_cache_subnet_group(CacheSubnetGroupName="group")
    for asked in (caching.delete_cache_subnet_group, caching.describe_cache_subnet_groups):
        with pytest.raises(ClientError, match="CacheSubnetGroupNotFoundFault"):
            asked(CacheSubnetGroupName="group")


def test_moto_deletes_no_subnet_group(plain: Client) -> None:
    caching = subnet_group(plain)
    with pytest.raises(NotImplementedError):
        assert not caching.delete_cache_subnet_group(CacheSubnetGroupName="group"), OUTDATED


def test_a_user_has_no_service_credentials(client: Client) -> None:
    iam = client("iam")
    iam.create_user(UserName="user")
    assert iam.list_service_specific_credentials(UserName="user")["ServiceSpecificCredentials"] == []
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.list_service_specific_credentials(UserName="nobody")


def test_moto_lists_no_service_credentials(plain: Client) -> None:
    plain("iam").create_user(UserName="user")
    with pytest.raises(NotImplementedError):
        assert not plain("iam").list_service_specific_credentials(UserName="user"), OUTDATED


def cache(client: Client) -> Any:
    caching = client("elasticache")
    caching.create_cache_cluster(
        CacheClusterId="alone", Engine="redis", NumCacheNodes=1, CacheNodeType="cache.t3.micro"
    )
    caching.create_replication_group(ReplicationGroupId="group", ReplicationGroupDescription="d")
    return caching


def test_a_cache_is_gone_once_it_is_deleted(client: Client) -> None:
    caching = cache(client)
    assert caching.delete_cache_cluster(CacheClusterId="alone")["CacheCluster"]["CacheClusterStatus"] == "deleting"
    assert caching.delete_replication_group(ReplicationGroupId="group")["ReplicationGroup"]["Status"] == "deleting"
    with pytest.raises(ClientError, match="CacheClusterNotFound"):
        caching.describe_cache_clusters(CacheClusterId="alone")
    with pytest.raises(ClientError, match="ReplicationGroupNotFoundFault"):
        caching.describe_replication_groups(ReplicationGroupId="group")


def test_moto_deletes_a_cache_for_ever(plain: Client) -> None:
    caching = cache(plain)
    caching.delete_cache_cluster(CacheClusterId="alone")
    caching.delete_replication_group(ReplicationGroupId="group")
    [cluster] = caching.describe_cache_clusters(CacheClusterId="alone")["CacheClusters"]
    assert cluster["CacheClusterStatus"] == "deleting", OUTDATED
    [group] = caching.describe_replication_groups(ReplicationGroupId="group")["ReplicationGroups"]
    assert group["Status"] == "deleting", OUTDATED


def network_acls(client: Client) -> set[str]:
    return {acl["NetworkAclId"] for acl in client("ec2").describe_network_acls()["NetworkAcls"]}


def vpc_made_and_deleted(client: Client) -> None:
    ec2 = client("ec2")
    ec2.delete_vpc(VpcId=ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])


def test_a_vpc_is_deleted_with_its_network_acl_and_no_other(client: Client) -> None:
    kept = client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    before = network_acls(client)
    vpc_made_and_deleted(client)
    assert network_acls(client) == before
    client("ec2").delete_vpc(VpcId=kept)


def test_moto_leaves_the_network_acl_of_a_deleted_vpc(plain: Client) -> None:
    before = network_acls(plain)
    vpc_made_and_deleted(plain)
    assert len(network_acls(plain) - before) == 1, OUTDATED


def gateway_made_and_deleted(client: Client) -> tuple[list[Any], str | None]:
    """The network interfaces that are left, and the association of the gateway's address."""
    ec2 = client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    private = ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    for made in (gateway, private, gateway):
        ec2.delete_nat_gateway(NatGatewayId=made)
    [told] = ec2.describe_addresses(AllocationIds=[address])["Addresses"]
    ec2.release_address(AllocationId=address)
    return ec2.describe_network_interfaces()["NetworkInterfaces"], told.get("AssociationId")


def test_a_nat_gateway_is_deleted_with_its_interface(client: Client) -> None:
    assert gateway_made_and_deleted(client) == ([], None)


def test_moto_leaves_the_interface_of_a_deleted_nat_gateway(plain: Client) -> None:
    interfaces, association = gateway_made_and_deleted(plain)
    assert len(interfaces) == 2, OUTDATED
    assert association is not None, OUTDATED


def projects_left(client: Client) -> Any:
    """The projects that are left of one that was deleted by its ARN, as the provider does it."""
    made = project(client, "deleted", BUCKET, BUCKET)
    client("codebuild").delete_project(name=made["arn"])
    return [name for name in client("codebuild").list_projects()["projects"] if name == "deleted"]


def test_a_project_is_deleted_by_its_arn(client: Client) -> None:
    assert projects_left(client) == []
    client("codebuild").delete_project(name="deleted")  # like AWS, it is content where it is gone already


def test_moto_deletes_no_project_by_its_arn(plain: Client) -> None:
    assert projects_left(plain) == ["deleted"], OUTDATED


def validated(client: Client, definition: str) -> Any:
    answer = client("stepfunctions").validate_state_machine_definition(definition=definition)
    return answer["result"], [found["code"] for found in answer["diagnostics"]]


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', ("OK", [])),
        ('{"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}', ("FAIL", ["SCHEMA_VALIDATION_FAILED"])),
        ('{"StartAt": "A"}', ("FAIL", ["SCHEMA_VALIDATION_FAILED"])),
        ("[]", ("FAIL", ["SCHEMA_VALIDATION_FAILED"])),
        ("{", ("FAIL", ["INVALID_JSON_DESCRIPTION"])),
    ],
)
def test_the_definition_of_a_state_machine_is_validated(client: Client, definition: str, expected: Any) -> None:
    assert validated(client, definition) == expected


def test_moto_validates_no_definition(plain: Client) -> None:
    with pytest.raises(NotImplementedError):
        assert not validated(plain, "{}"), OUTDATED


def versions(client: Client) -> list[str]:
    machines = client("stepfunctions")
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed({"Service": "states.amazonaws.com"})]})
    role = client("iam").create_role(RoleName="machine", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    definition = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
    arn = machines.create_state_machine(name="machine", definition=definition, roleArn=role, publish=True)[
        "stateMachineArn"
    ]
    machines.update_state_machine(stateMachineArn=arn, definition=definition.replace("A", "B"), publish=True)
    listed = machines.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]
    assert all(isinstance(version["creationDate"], datetime) for version in listed)
    return [version["stateMachineVersionArn"].removeprefix(arn) for version in listed]


def test_versions_of_a_state_machine_are_listed_the_newest_first(client: Client) -> None:
    assert versions(client) == [":2", ":1"]


def test_moto_lists_no_versions_of_a_state_machine(plain: Client) -> None:
    with pytest.raises(NotImplementedError):
        assert not versions(plain), OUTDATED


def group_told(client: Client, **more: Any) -> Any:
    deploying = client("codedeploy")
    deploying.create_application(applicationName="told", computePlatform="Server")
    named = {"applicationName": "told", "deploymentGroupName": "told"}
    deploying.create_deployment_group(**named, serviceRoleArn="arn:aws:iam::123456789012:role/deploy", **more)
    group = deploying.get_deployment_group(**named)["deploymentGroupInfo"]
    return group["deploymentStyle"], group.get("loadBalancerInfo")


def test_settings_of_a_deployment_group_are_told_where_they_are_set(client: Client) -> None:
    plain_style = {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}
    assert group_told(client) == (plain_style, None)
    client("codedeploy").delete_application(applicationName="told")
    style = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
    behind = {"targetGroupInfoList": [{"name": "targets"}]}
    assert group_told(client, deploymentStyle=style, loadBalancerInfo=behind) == (style, behind)


def test_moto_tells_empty_settings_of_a_deployment_group(plain: Client) -> None:
    assert group_told(plain) == ({}, {}), OUTDATED
