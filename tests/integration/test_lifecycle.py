"""The whole life of the stack: applied, looked at, planned again, changed, tampered with, destroyed.

The tests of an environment share one applied stack, and come in the order of its life.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stackproof import Trial
from stackproof.errors import TerraformError

TOP = Path(__file__).parents[2]

# the botocore that checkov asks for is older than the warning
pytestmark = [
    pytest.mark.environment("dev", "prod"),
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
]

STATEFUL = (
    "aws_cloudwatch_log_group",
    "aws_ecr_repository",
    "aws_kms_key",
    "aws_s3_bucket",
    "aws_secretsmanager_secret",
)


def name_of(trial: Trial) -> str:
    return str(trial.deployment.outputs["ecs_cluster_name"])


def task_definition(trial: Trial) -> Any:
    found = trial.client("ecs").describe_task_definition(taskDefinition=name_of(trial))
    return found["taskDefinition"]


def service(trial: Trial) -> Any:
    (found,) = trial.client("ecs").describe_services(cluster=name_of(trial), services=[name_of(trial)])["services"]
    return found


def role_policies(trial: Trial, role: str) -> dict[str, Any]:
    iam = trial.client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}


def test_tasks_run_in_private_subnets_behind_the_load_balancer(trial: Trial) -> None:
    network = service(trial)["networkConfiguration"]["awsvpcConfiguration"]
    assert network["assignPublicIp"] == "DISABLED"
    ec2 = trial.client("ec2")
    for subnet in network["subnets"]:
        (table,) = ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])[
            "RouteTables"
        ]
        assert not any(route.get("GatewayId", "").startswith("igw-") for route in table["Routes"])
        assert any(route.get("NatGatewayId") for route in table["Routes"])
    (balanced,) = service(trial)["loadBalancers"]
    (group,) = trial.client("elbv2").describe_target_groups(TargetGroupArns=[balanced["targetGroupArn"]])[
        "TargetGroups"
    ]
    assert group["TargetType"] == "ip"
    assert group["VpcId"] == ec2.describe_subnets(SubnetIds=network["subnets"])["Subnets"][0]["VpcId"]
    assert balanced["containerPort"] == group["Port"]


def test_the_load_balancer_sends_requests_to_the_target_group(trial: Trial) -> None:
    elb = trial.client("elbv2")
    (balancer,) = elb.describe_load_balancers(Names=[f"{name_of(trial)}-alb"])["LoadBalancers"]
    (listener,) = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    (action,) = listener["DefaultActions"]
    assert action["TargetGroupArn"] == service(trial)["loadBalancers"][0]["targetGroupArn"]


def test_the_task_gets_its_key_out_of_the_secret(trial: Trial) -> None:
    (container,) = task_definition(trial)["containerDefinitions"]
    (secret,) = container["secrets"]
    stored = trial.client("secretsmanager").describe_secret(SecretId=f"{name_of(trial)}/alpha-vantage-api-key")
    assert secret == {"name": "ALPHA_VANTAGE_API_KEY", "valueFrom": stored["ARN"]}


def test_the_execution_role_may_read_that_secret_and_no_other(trial: Trial) -> None:
    role = task_definition(trial)["executionRoleArn"].rsplit("/", 1)[-1]
    (document,) = role_policies(trial, role).values()
    (statement,) = [one for one in document["Statement"] if "secretsmanager:GetSecretValue" in one["Action"]]
    secret = trial.client("secretsmanager").describe_secret(SecretId=f"{name_of(trial)}/alpha-vantage-api-key")
    assert statement["Resource"] == secret["ARN"]


def test_the_pipeline_may_deploy_this_service_and_no_other(trial: Trial) -> None:
    (document,) = role_policies(trial, f"{name_of(trial)}-codepipeline").values()
    updating = [one for one in document["Statement"] if "ecs:UpdateService" in one["Action"]]
    assert [one["Resource"] for one in updating] == [service(trial)["serviceArn"]]


def test_buckets_are_encrypted_and_closed(trial: Trial) -> None:
    s3 = trial.client("s3")
    buckets = [one["Name"] for one in s3.list_buckets()["Buckets"] if one["Name"].startswith(name_of(trial))]
    assert len(buckets) == 2
    for bucket in buckets:
        (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        expected = "aws:kms" if "artifacts" in bucket else "AES256"  # load balancers cannot log with a key
        assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == expected
        assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())


def test_alarms_notify_the_topic(trial: Trial) -> None:
    topic = trial.deployment.outputs["notification_topic_arn"]
    alarms = trial.client("cloudwatch").describe_alarms(AlarmNamePrefix=name_of(trial))["MetricAlarms"]
    watched = [alarm for alarm in alarms if alarm["AlarmName"].startswith(name_of(trial))]
    assert len(watched) == 4
    assert all(alarm["AlarmActions"] == [topic] for alarm in watched)


def test_the_pipeline_goes_from_source_over_build_to_deployment(trial: Trial) -> None:
    pipeline = trial.client("codepipeline").get_pipeline(name=name_of(trial))["pipeline"]
    assert [stage["name"] for stage in pipeline["stages"]] == ["Source", "Build", "Deploy"]


def test_logs_of_tasks_are_kept_for_a_week_and_those_of_builds_for_30_days(trial: Trial) -> None:
    groups = trial.client("logs").describe_log_groups()["logGroups"]
    kept = {group["logGroupName"]: group["retentionInDays"] for group in groups}
    assert kept[f"/ecs/{name_of(trial)}"] == 7
    assert kept[f"/codebuild/{name_of(trial)}"] == 30


def test_images_are_scanned_when_they_are_pushed(trial: Trial) -> None:
    (repository,) = trial.client("ecr").describe_repositories(repositoryNames=[name_of(trial)])["repositories"]
    assert repository["imageScanningConfiguration"]["scanOnPush"] is True
    assert repository["imageTagMutability"] == "IMMUTABLE"


def test_it_is_idempotent_and_what_a_plan_leaves_undecided_is_decided(trial: Trial, tmp_path: Path) -> None:
    plan = trial.require_no_changes()
    file = tmp_path / "applied.json"
    file.write_text(json.dumps(plan.document))
    named = f"--plan-json={trial.report.environment}={file}"
    # a run of its own, which plans nothing
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "tests/plan", "-m", "until_apply", named]
    ran = subprocess.run(words, cwd=TOP, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    assert "2 passed" in ran.stdout


def test_changes_stay_where_they_are_meant_to(trial: Trial) -> None:
    trial.update(
        {"max_tasks": 7, "cpu_alarm_threshold_percent": 65, "image_tag": "2.0.0"},
        updated=[
            "module.ecs.aws_appautoscaling_target.this",
            'module.monitoring.aws_cloudwatch_metric_alarm.utilization["cpu"]',
        ],
        replaced=["module.ecs.aws_ecs_task_definition.this"],
    )
    trial.require_no_changes()
    assert task_definition(trial)["containerDefinitions"][0]["image"].endswith(":2.0.0")


@pytest.mark.environment("dev")
def test_growing_to_production_replaces_nothing_that_holds_data(trial: Trial) -> None:
    # under its own name: every environment has another
    plan = trial.plan({"environment": "dev"}, environment=trial.stack.environment("prod"))
    replaced = [address for address in trial.replacements(plan) if plan.changes[address]]
    assert not [address for address in replaced if address.split(".")[-2] in STATEFUL]


def test_drift_is_seen_and_set_right(trial: Trial) -> None:
    name = name_of(trial)
    execution_role = task_definition(trial)["executionRoleArn"].rsplit("/", 1)[-1]
    task_role = task_definition(trial)["taskRoleArn"].rsplit("/", 1)[-1]
    (execution_policy,) = role_policies(trial, execution_role)
    (group,) = service(trial)["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"]
    open_to_all = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    anything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    seen = trial.tamper(
        {
            "module.ecs.aws_security_group.this": lambda clients: clients("ec2").authorize_security_group_ingress(
                GroupId=group, IpPermissions=[open_to_all]
            ),
            "module.iam.aws_iam_role_policy.task_execution": lambda clients: clients("iam").delete_role_policy(
                RoleName=execution_role, PolicyName=execution_policy
            ),
            "module.ecr.aws_ecr_repository.this": lambda clients: clients("ecr").put_image_scanning_configuration(
                repositoryName=name, imageScanningConfiguration={"scanOnPush": False}
            ),
            "module.ecs.aws_cloudwatch_log_group.this": lambda clients: clients("logs").put_retention_policy(
                logGroupName=f"/ecs/{name}", retentionInDays=1
            ),
            "module.monitoring.aws_cloudwatch_metric_alarm.unhealthy_targets": lambda clients: clients(
                "cloudwatch"
            ).delete_alarms(AlarmNames=[f"{name}-unhealthy-targets"]),
            "module.iam.aws_iam_role.task": lambda clients: clients("iam").put_role_policy(
                RoleName=task_role, PolicyName="anything", PolicyDocument=json.dumps(anything)
            ),
        }
    )
    said = {address: drift.sentence for address, drift in seen.items()}
    assert "ingress" in said["module.ecs.aws_security_group.this"]
    assert "deleted" in said["module.iam.aws_iam_role_policy.task_execution"]
    assert "scan_on_push" in said["module.ecr.aws_ecr_repository.this"]
    assert "retention_in_days" in said["module.ecs.aws_cloudwatch_log_group.this"]
    assert "deleted" in said["module.monitoring.aws_cloudwatch_metric_alarm.unhealthy_targets"]
    assert "inline_policy" in said["module.iam.aws_iam_role.task"]
    # what Terraform does not manage it does not take back
    trial.client("ec2").revoke_security_group_ingress(GroupId=group, IpPermissions=[open_to_all])
    trial.client("iam").delete_role_policy(RoleName=task_role, PolicyName="anything")
    trial.apply()
    trial.require_no_changes()


@pytest.mark.environment("prod")
def test_production_cannot_be_destroyed_by_mistake(trial: Trial) -> None:
    # a destroy begins with the outputs
    name = name_of(trial)
    with pytest.raises(TerraformError, match=r"(?i)deletion protection|deletion_protection|OperationNotPermitted"):
        trial.deployment.destroy()
    (balancer,) = trial.client("elbv2").describe_load_balancers(Names=[f"{name}-alb"])["LoadBalancers"]
    assert balancer
    # the secrets are in their recovery window, so that all of it could not be applied again
    trial.apply({"deletion_protection": False}, targets=["module.alb.aws_lb.this"])


def test_no_leaks_are_left(destroyed: Trial) -> None:
    destroyed.require_nothing_left()


@pytest.mark.environment("prod")
def test_secrets_of_production_can_be_had_back(destroyed: Trial) -> None:
    listed = destroyed.client("secretsmanager").list_secrets(IncludePlannedDeletion=True)["SecretList"]
    assert {secret["Name"].split("/")[-1] for secret in listed} == {"alpha-vantage-api-key", "github-oauth-token"}
    assert all(secret.get("DeletedDate") for secret in listed)
