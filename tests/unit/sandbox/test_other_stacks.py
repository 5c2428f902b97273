"""A stack of what moto alone cannot serve, through Terraform and the provider: applied, settled, destroyed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest

from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.emulated.contents import Contents
from stackproof.terraform import children
from stackproof.terraform.configuration import write_dev_overrides
from stackproof.terraform.locate import Cli
from stackproof.terraform.providers import Package

HANGS_SECONDS = 240
GAPS = Path(__file__).parents[1] / "stacks/gaps"
GONE = ("INACTIVE", "deleted", "PendingDeletion")

# the botocore that checkov asks for is older than the warning
pytestmark = [
    pytest.mark.nightly,
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
]


def present(contents: Contents) -> set[tuple[str, str, str]]:
    return {
        (service, kind, name)
        for service, kinds in contents.items()
        for kind, states in kinds.items()
        for name, state in states.items()
        if state not in GONE
    }


def test_a_stack_of_gaps_is_applied_settles_and_leaves_nothing(any_cli: Cli, aws_package: Package) -> None:
    with EmulatedAccount() as account, children.scratch_folder() as home:
        variables = prepared(account)
        before = present(account.data())
        folder = Path(shutil.copytree(GAPS, home / "gaps"))
        write_dev_overrides(home / "own.rc", [aws_package])
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TMPDIR": str(home),
            "TF_CLI_CONFIG_FILE": str(home / "own.rc"),
            "TF_DATA_DIR": str(home / "data"),
            **account.environment(),
            **variables,
        }

        def terraform(*words: str) -> children.Completed:
            argv = [*any_cli.argv, *words, "-no-color", "-input=false"]
            done = children.run(argv, folder=folder, environment=environment, timeout=HANGS_SECONDS)
            assert done.code == 0, done.stdout + done.stderr
            return done

        terraform("apply", "-auto-approve")
        assert len(present(account.data()) - before) >= 10
        terraform("plan", "-detailed-exitcode")
        terraform("destroy", "-auto-approve")
        assert present(account.data()) == before


def prepared(account: EmulatedAccount) -> dict[str, str]:
    """A cluster and a network to use, since to make them would take Terraform twenty seconds."""

    def client(service: str) -> Any:
        given = account.environment()
        return boto3.client(
            service,
            endpoint_url=account.endpoint,
            region_name=account.region,
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
        )

    client("ecs").create_cluster(clusterName="cluster")
    subnets = client("ec2").describe_subnets()["Subnets"][:2]
    return {
        "TF_VAR_cluster": "cluster",
        "TF_VAR_vpc": subnets[0]["VpcId"],
        "TF_VAR_subnets": json.dumps([subnet["SubnetId"] for subnet in subnets]),
    }
