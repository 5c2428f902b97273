"""Calls that the emulated account lacks: final for every client, and named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.proxy.proxy import Proxy
from stackproof.sandbox.proxy.recording import Recording
from stackproof.terraform.diagnostics import TerraformFailed
from stackproof.terraform.locate import Cli

from .applied import terraform
from .proxied import client

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


@pytest.fixture(scope="module")
def account() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as account:
        account.check()
        yield account


UNSERVED: list[tuple[str, str, str, dict[str, Any]]] = [
    ("gamelift", "ListFleets", "list_fleets", {}),
    ("ecs", "SubmitTaskStateChange", "submit_task_state_change", {"cluster": "c"}),
    ("ec2", "DescribeCapacityBlockOfferings", "describe_capacity_block_offerings", {"CapacityDurationHours": 1}),
    ("elbv2", "DescribeTrustStores", "describe_trust_stores", {}),
    ("iam", "ListOrganizationsFeatures", "list_organizations_features", {}),
    ("amplify", "ListApps", "list_apps", {}),
    ("cloudfront", "ListContinuousDeploymentPolicies", "list_continuous_deployment_policies", {}),
]


@pytest.mark.parametrize(("service", "action", "method", "asked"), UNSERVED, ids=[call[0] for call in UNSERVED])
def test_it_is_a_client_s_error_in_every_protocol(
    account: EmulatedAccount, service: str, action: str, method: str, asked: dict[str, Any]
) -> None:
    recording = Recording()
    with Proxy(account, observers=[recording]) as proxy:
        with pytest.raises(ClientError) as caught:
            getattr(client(service, proxy, tries=3), method)(**asked)
        error = caught.value.response["Error"]
        assert error["Code"] == "NotImplementedInSandbox"
        assert f"the emulated account does not serve {service}:{action}" in error["Message"]
        assert [str(call) for call in proxy.unserved] == [f"{service}:{action}"]
        # it was tried once
        assert [(call.status, call.error) for call in recording] == [(400, "NotImplementedInSandbox")]


def test_what_is_not_there_is_another_matter(account: EmulatedAccount) -> None:
    with Proxy(account) as proxy:
        with pytest.raises(ClientError, match="NoSuchBucket"):
            client("s3", proxy).get_bucket_policy(Bucket="none")
        s3 = client("s3", proxy)
        s3.create_bucket(Bucket="pages")
        s3.put_object(Bucket="pages", Key="page", Body=b"<!doctype html>")
        assert s3.get_object(Bucket="pages", Key="page")["Body"].read() == b"<!doctype html>"
        assert proxy.unserved == ()


STACK = """
provider "aws" {
  region = "eu-west-1"
}

resource "aws_gamelift_alias" "spoken_in_json" {
  name = "alias"

  routing_strategy {
    type    = "TERMINAL"
    message = "closed"
  }
}

resource "aws_amplify_app" "spoken_in_rest" {
  name = "app"
}

resource "aws_lb_trust_store" "spoken_in_forms" {
  name                             = "store"
  ca_certificates_bundle_s3_bucket = "bundles"
  ca_certificates_bundle_s3_key    = "bundle.pem"
}

resource "aws_verifiedaccess_instance" "spoken_in_ec2" {
  description = "instance"
}
"""


@pytest.mark.usefixtures("aws_package")
def test_terraform_gives_up_at_once_and_says_where(account: EmulatedAccount, any_cli: Cli, tmp_path: Path) -> None:
    recording = Recording()
    with (
        Proxy(account, observers=[recording]) as proxy,
        terraform(any_cli, tmp_path, proxy, STACK) as cli,
        pytest.raises(TerraformFailed) as caught,
    ):
        cli.apply()
    said = {diagnostic.address: diagnostic.sentence() for diagnostic in caught.value.diagnostics}
    for address, call in {
        "aws_gamelift_alias.spoken_in_json": "gamelift:CreateAlias",
        "aws_amplify_app.spoken_in_rest": "amplify:CreateApp",
        "aws_lb_trust_store.spoken_in_forms": "elbv2:CreateTrustStore",
        "aws_verifiedaccess_instance.spoken_in_ec2": "ec2:CreateVerifiedAccessInstance",
    }.items():
        assert f"the emulated account does not serve {call}" in said[address]
        assert recording.counts[call] == 1
    assert len(proxy.unserved) == 4
