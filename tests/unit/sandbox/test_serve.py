"""`stackproof sandbox serve`, as a process of its own, as a person has it."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import psutil
import pytest

from stackproof.terraform.configuration import write_dev_overrides
from stackproof.terraform.locate import Cli
from stackproof.terraform.providers import Package

if TYPE_CHECKING:
    from tests.unit.conftest import Traces

HANGS_SECONDS = 120
COMMAND = (sys.executable, "-m", "stackproof.cli", "sandbox", "serve")
PARAMETER = """
provider "aws" {}

resource "aws_ssm_parameter" "played" {
  name           = "played"
  type           = "String"
  insecure_value = "with"
}
"""

# the botocore that checkov asks for is older than the warning
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


@contextlib.contextmanager
def serving(*options: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def printed(process: subprocess.Popen[str], lines: int = 6) -> dict[str, str]:
    """The variables that a shell would take from what was printed."""
    assert process.stdout is not None
    told = [shlex.split(process.stdout.readline()) for _ in range(lines)]
    assert [words[0] for words in told] == ["export"] * lines
    return dict(words[1].split("=", 1) for words in told)


def client(service: str, variables: dict[str, str]) -> Any:
    return boto3.client(
        service,
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=variables["AWS_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )


def test_what_is_printed_leads_to_the_account_that_was_asked_for(traces: Traces) -> None:
    with serving("--account-id", "111122223333", "--region", "eu-central-1") as process:
        variables = printed(process)
        assert client("sts", variables).get_caller_identity()["Account"] == "111122223333"
        assert ":eu-central-1:111122223333:" in client("sns", variables).create_topic(Name="played")["TopicArn"]
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=HANGS_SECONDS)
        assert process.returncode == 0
        assert told == "stackproof: account 111122223333 is there until Ctrl-C, and nothing of it then\n"
    assert traces.left() == []


def test_terraform_takes_what_is_printed(any_cli: Cli, aws_package: Package, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(PARAMETER, encoding="utf-8")
    write_dev_overrides(tmp_path / "own.rc", [aws_package])
    with serving() as process:
        variables = printed(process)
        environment = {"PATH": os.environ["PATH"], "TF_CLI_CONFIG_FILE": str(tmp_path / "own.rc"), **variables}
        words = [*any_cli.argv, "apply", "-auto-approve", "-input=false"]
        subprocess.run(words, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=HANGS_SECONDS)
        assert client("ssm", variables).get_parameter(Name="played")["Parameter"]["Value"] == "with"


def test_programs_get_json_and_a_supervisor_ends_it_well(traces: Traces) -> None:
    with serving("--format", "json") as process:
        assert process.stdout is not None
        text = ""
        for line in process.stdout:
            text += line
            if line == "}\n":
                break
        assert client("sqs", json.loads(text)).list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200
        process.terminate()
        process.communicate(timeout=HANGS_SECONDS)
        assert process.returncode == 0
    assert traces.left() == []


def test_a_given_port_is_the_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serving("--port", str(port)) as process:
        assert printed(process)["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{port}"


def test_an_account_that_dies_is_told(traces: Traces) -> None:
    with serving() as process:
        printed(process)
        for child in psutil.Process(process.pid).children(recursive=True):
            if "stackproof.sandbox.emulated.emulator" in child.cmdline():
                child.kill()
        _, told = process.communicate(timeout=HANGS_SECONDS)
        assert process.returncode == 2
        assert "the emulated account was ended by SIGKILL; what was in it is gone. Run it again" in told
        assert "Traceback" not in told
    assert traces.left() == []


def refused(*options: str) -> tuple[int, str]:
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=HANGS_SECONDS, check=False)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.splitlines()[-1]


def test_a_taken_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, told = refused("--port", str(port))
    expected = f"--port: port {port} cannot be used: Address already in use. Leave it out, and a free port is taken."
    assert (code, told) == (2, f"stackproof: {expected}")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--account-id", "7"], "'7' is not the number of an account. Give twelve digits."),
        (
            ["--region", "eu-centrall-1"],
            "'eu-centrall-1' is no region that is known here. Did you mean 'eu-central-1'?",
        ),
        (["--port", "70000"], "'70000' is not a port: choose one from 0 (a free one) to 65535"),
        (["--port", "http"], "'http' is not a port: choose one from 0 (a free one) to 65535"),
    ],
)
def test_what_cannot_be_is_refused(options: Sequence[str], told: str) -> None:
    code, said = refused(*options)
    assert code == 2
    assert said.endswith(told)


def test_an_account_without_moto_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "moto.py").write_text("raise ImportError('there is no moto')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    code, told = refused()
    assert code == 2
    assert "ImportError: there is no moto" in told
    assert told.endswith("pip install 'moto[server]'.")
