"""`stackproof deployer-policy`, as people and their scripts call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stackproof.cli import UNUSABLE, main
from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.proxy.recording import Recording

CLUSTER = "arn:aws:ecs:us-east-1:123456789012:cluster/shop-dev"


@pytest.fixture
def recording(tmp_path: Path) -> str:
    file = tmp_path / "apply.jsonl"
    Recording([Call("ecs", "DeleteCluster", "us-east-1", 200, parameters={"cluster": CLUSTER})]).save(file)
    return str(file)


def test_the_policy_is_printed(recording: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deployer-policy", recording]) == 0
    out, err = capsys.readouterr()
    (statement,) = json.loads(out)["Statement"]
    assert statement == {
        "Sid": "EcsCluster",
        "Effect": "Allow",
        "Action": ["ecs:DeleteCluster"],
        "Resource": [CLUSTER],
    }
    assert err == "the policy: 1 actions in 1 statements, for 1 calls\n"


def test_the_policy_of_several_runs_is_written_for_another_account(
    recording: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, out = tmp_path / "destroy.jsonl", tmp_path / "deployer.json"
    Recording([Call("ecs", "ListClusters", "us-east-1", 200)]).save(other)
    options = ["--account", "210987654321", "--region", "eu-central-1", "--widen", "dev", "--out", str(out)]
    assert main(["deployer-policy", recording, str(other), *options]) == 0
    cluster, anything = json.loads(out.read_text(encoding="utf-8"))["Statement"]
    assert cluster["Resource"] == ["arn:aws:ecs:eu-central-1:210987654321:cluster/shop-*"]
    assert anything["Condition"]["StringEquals"]["aws:RequestedRegion"] == ["eu-central-1"]
    assert capsys.readouterr().err.startswith(f"{out}: 2 actions")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["apply.jsonl", "deployer.json", "destroy.jsonl"]


def test_a_long_policy_is_written_as_numbered_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "long.jsonl", tmp_path / "deployer.json"
    names = [f"a-queue-with-quite-a-long-name-{number}" for number in range(150)]
    Recording([Call("sqs", "CreateQueue", "us-east-1", parameters={"QueueName": name}) for name in names]).save(file)
    assert main(["deployer-policy", str(file), "--out", str(out)]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deployer-1.json", "deployer-2.json", "long.jsonl"]
    assert "in 2 documents, since IAM takes no more than 6,144 characters in each" in capsys.readouterr().err


def test_hcl_is_printed(recording: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deployer-policy", recording, "--format", "hcl"]) == 0
    assert 'sid       = "EcsCluster"' in capsys.readouterr().out


def test_an_unknown_operation_is_told_of_and_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new.jsonl"
    Recording([Call("ecs", "Tango", "us-east-1"), Call("ecs", "ListClusters", "us-east-1")]).save(file)
    assert main(["deployer-policy", str(file)]) == 1
    assert "ecs:Tango: no action is known for it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--account", "12"], "--account: '12' is no account. Give one such as 123456789012."),
        (["--region", "moon"], "--region: 'moon' is no region. Give one such as eu-central-1."),
        (["--partition", "x"], "--partition: 'x' is no partition. Give one such as aws."),
        (["--widen", "*"], "--widen: '*' is no word of a name. Give one such as dev."),
        (["--out", "/nowhere/at/all.json"], "/nowhere/at/all.json: the policy cannot be written: No such file"),
    ],
)
def test_what_cannot_be_used_is_an_error_for_people(
    recording: str, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deployer-policy", recording, *options]) == UNUSABLE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"stackproof: {said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no call that was recorded needs a permission"),
        ("{}\n", "this is no recorded call"),
        ("hello\n", "this is no recorded call"),
        ('{"service": "ecs", "action": "ListClusters", "parameters": ["a"]}\n', "this is no recorded call"),
        ('{"service": "ecs", "action": "ListClusters", "region": null}\n', "this is no recorded call"),
    ],
)
def test_a_file_that_is_no_recording_is_an_error_for_people(
    tmp_path: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "other.txt"
    file.write_text(text, encoding="utf-8")
    assert main(["deployer-policy", str(file)]) == UNUSABLE
    assert said in capsys.readouterr().err
