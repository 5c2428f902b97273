"""What the emulated account does better than moto, and that moto still needs it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import boto3  # type: ignore[import-untyped]
import moto
import pytest
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from stackproof.sandbox import shims
from stackproof.sandbox.emulated import EmulatedAccount

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
    for name in ("autoscaling_tags", "codebuild_key", "codebuild_location", "pipeline_times"):
        shim = f"stackproof.sandbox.shims.{name}.install"
        monkeypatch.setattr(shim, lambda name=name: installed.append(name))
    shims.install("codebuild")
    assert sorted(installed) == ["codebuild_key", "codebuild_location"]
    shims.install("s3")
    assert len(installed) == 2


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
