from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Costs
from .plans import LATER, Ref

Cost = Callable[..., Costs]


def assume(kind: str, **figures: float) -> str:
    return f'[[assume]]\nof = "{kind}"\n' + "\n".join(f"{name} = {value}" for name, value in figures.items())


def test_logs_are_charged_when_they_come_and_while_they_stay(costs: Cost) -> None:
    group = {"aws_cloudwatch_log_group.this": {"log_group_class": "STANDARD", "retention_in_days": 73}}
    found = costs(group, assume("aws_cloudwatch_log_group", gb_logged=5))
    assert found.quantity("ingestion") == (5, 5)
    assert found.quantity("storage")[0] == pytest.approx(5 * 73 * 12 / 365)


def test_logs_that_are_never_deleted_grow(costs: Cost) -> None:
    group = {"aws_cloudwatch_log_group.this": {"log_group_class": "INFREQUENT_ACCESS", "retention_in_days": 0}}
    found = costs(group, assume("aws_cloudwatch_log_group", gb_logged=5))
    assert found.quantity("storage") == (5, 60)
    assert found.key("ingestion") == "logs.infrequent.gb"


def test_a_class_that_nobody_sets_is_the_default(costs: Cost) -> None:
    later = costs({"aws_cloudwatch_log_group.this": {"log_group_class": LATER}})
    assert "undecided: log_group_class: (known after apply)" in later.gaps


@pytest.mark.parametrize(
    ("alarm", "key", "metrics"),
    [
        ({"period": 60, "metric_query": []}, "alarm", 1),
        ({"period": 10, "metric_query": []}, "alarm.fast", 1),
        ({"metric_query": [{"metric": [{"period": 60}]}, {"metric": [{"period": 60}]}, {"metric": []}]}, "alarm", 2),
        ({"metric_query": [{"metric": [{"period": 60}]}], "threshold_metric_id": "band"}, "alarm", 3),
    ],
)
def test_alarms_are_charged_for_each_metric(costs: Cost, alarm: dict[str, Any], key: str, metrics: int) -> None:
    found = costs({"aws_cloudwatch_metric_alarm.this": alarm})
    assert (found.key("alarm"), found.quantity("alarm")[0]) == (key, metrics)


def test_an_alarm_whose_period_is_unknown_is_undecided(costs: Cost) -> None:
    found = costs({"aws_cloudwatch_metric_alarm.this": {"period": LATER, "metric_query": []}})
    assert not found.parts
    assert found.gaps[0].startswith("undecided: ")


def test_builds_are_charged_by_the_minute_and_size(costs: Cost) -> None:
    project = {"environment": [{"compute_type": "BUILD_GENERAL1_MEDIUM", "type": "LINUX_CONTAINER"}]}
    usage = assume("aws_codebuild_project", builds=40, minutes_per_build=5)
    found = costs({"aws_codebuild_project.this": project}, usage)
    assert (found.key("build minutes"), found.quantity("build minutes")[0]) == ("codebuild.linux.medium", 200)
    lambdas = {"environment": [{"compute_type": "BUILD_LAMBDA_1GB", "type": "LINUX_LAMBDA_CONTAINER"}]}
    assert costs({"aws_codebuild_project.this": lambdas}, usage).gaps == [
        "unpriced: builds on BUILD_LAMBDA_1GB, LINUX_LAMBDA_CONTAINER"
    ]


def test_pipelines_are_charged_by_their_type(costs: Cost) -> None:
    usage = assume("aws_codepipeline", executions=10, minutes_per_execution=12)
    assert costs({"aws_codepipeline.this": {"pipeline_type": "V1"}}, usage).key("active pipeline") == "codepipeline.v1"
    assert costs({"aws_codepipeline.this": {"pipeline_type": "V2"}}, usage).quantity("action minutes")[0] == 120


def test_a_rotated_key_costs_up_to_three_times_as_much(costs: Cost) -> None:
    usage = assume("aws_kms_key", calls=20_000)
    found = costs({"aws_kms_key.this": {"enable_key_rotation": True}}, usage)
    assert found.quantity("key") == (1, 3)
    assert found.quantity("calls")[0] == 2
    assert costs({"aws_kms_key.this": {"enable_key_rotation": False}}, usage).quantity("key") == (1, 1)


def test_secrets_and_buckets_are_charged_for_being_there_and_for_their_use(costs: Cost) -> None:
    usage = assume("aws_secretsmanager_secret", calls=5_000) + "\n"
    usage += assume("aws_s3_bucket", gb_stored=3, writes=2_000, reads=7_000)
    found = costs({"aws_secretsmanager_secret.this": {}, "aws_s3_bucket.this": {}}, usage)
    assert found.quantity("secret")[0] == 1
    assert found.quantity("calls")[0] == 0.5
    assert [found.quantity(part)[0] for part in ("storage", "writes and lists", "reads")] == [3, 2, 7]


def test_tables_are_charged_by_request_or_by_capacity(costs: Cost) -> None:
    usage = assume("aws_dynamodb_table", gb_stored=2, reads=3_000_000, writes=1_000_000)
    on_demand = {"billing_mode": "PAY_PER_REQUEST", "point_in_time_recovery": [{"enabled": True}]}
    found = costs({"aws_dynamodb_table.this": on_demand}, usage)
    assert [found.quantity(part)[0] for part in ("reads", "writes", "storage", "point-in-time recovery")] == [
        3,
        1,
        2,
        2,
    ]
    provisioned = {"billing_mode": "PROVISIONED", "read_capacity": 5, "write_capacity": 2}
    found = costs({"aws_dynamodb_table.this": provisioned}, usage)
    assert found.quantity("read capacity")[0] == 5 * 730


def test_subscriptions_cost_by_protocol(costs: Cost) -> None:
    usage = assume("aws_sns_topic_subscription", deliveries=200_000)
    assert costs({"aws_sns_topic_subscription.this": {"protocol": "email"}}, usage).quantity("e-mails")[0] == 2
    assert (
        "aws_sns_topic_subscription.this"
        in costs({"aws_sns_topic_subscription.this": {"protocol": "sqs"}}).estimate.free
    )
    assert costs({"aws_sns_topic_subscription.this": {"protocol": "sms"}}).gaps == ["unpriced: deliveries by sms"]


def test_functions_are_charged_by_calls_and_memory(costs: Cost) -> None:
    usage = assume("aws_lambda_function", calls=1_000_000, ms_per_call=100)
    found = costs({"aws_lambda_function.this": {"memory_size": 512, "architectures": ["arm64"]}}, usage)
    assert found.quantity("duration")[0] == 50_000
    assert found.key("duration") == "lambda.arm.gbs"


def test_instances_are_charged_by_type_and_their_unknown_disk_is_said(costs: Cost) -> None:
    found = costs({"aws_instance.this": {"instance_type": "t3.micro", "associate_public_ip_address": True}})
    assert found.key("instance") == "ec2.t3.micro"
    assert "public IPv4 address" in found.parts
    assert found.gaps == ["undecided: root volume: its size or type is the image's or the account's default"]


def test_groups_are_charged_from_their_least_to_their_most(costs: Cost) -> None:
    group = {"min_size": 1, "max_size": 4, "launch_template": [{"id": "lt-1"}], "mixed_instances_policy": []}
    resources = {"aws_launch_template.this": {"instance_type": "t3.small"}, "aws_autoscaling_group.this": group}
    assert "undecided: which type its instances are of" in costs(resources).gaps


def test_databases_in_two_zones_cost_twice_as_much(costs: Cost) -> None:
    database = {"instance_class": "db.t4g.micro", "engine": "postgres", "multi_az": True, "allocated_storage": 20}
    found = costs({"aws_db_instance.this": {**database, "storage_type": "gp3"}})
    assert found.quantity("database")[0] == 2 * 730
    assert found.quantity("storage")[0] == 40
    oracle = costs({"aws_db_instance.this": {**database, "engine": "oracle-ee", "storage_type": "io1"}})
    assert "unpriced: databases of oracle-ee" in oracle.gaps


def test_volumes_are_charged_by_size_and_type(costs: Cost) -> None:
    found = costs({"aws_ebs_volume.this": {"type": "gp3", "size": 100}})
    assert (found.key("volume"), found.quantity("volume")[0]) == ("ebs.gp3.gb", 100)


def test_references_are_no_reason_to_fail(costs: Cost) -> None:
    found = costs({"aws_sqs_queue.this": {"fifo_queue": True, "kms_master_key_id": Ref("aws_kms_key.this.id")}})
    assert found.gaps == ["no assumption: requests"]
