"""What a run is called, how its work is marked, and what the account keeps of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stackproof.errors import SandboxError
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.runs import (
    RUN_TAG,
    Records,
    SandboxRun,
    TaggingAccount,
    as_data,
    check_provider,
    from_data,
    naming_variables,
    new_run,
    run_of_state,
)
from stackproof.settings import Sandbox
from stackproof.terraform import children, locate
from stackproof.terraform.installation import Request, install
from stackproof.terraform.runner import Terraform
from stackproof.terraform.workspace import link_copy

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

BUCKET = "stackproof-state-123456789012-us-east-1"
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def account() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as started:
        yield started


def run(**changes: str) -> SandboxRun:
    return SandboxRun("ab2cd3ef", "shop", "dev", NOON, NOON + timedelta(hours=4), **changes)


def test_a_run_expires_when_the_settings_say_and_has_an_id_of_its_own() -> None:
    runs = [new_run("shop", "dev", Sandbox(expires_hours=1.5), now=NOON) for _ in range(50)]
    assert {made.expires - made.began for made in runs} == {timedelta(minutes=90)}
    assert len({made.id for made in runs}) == 50
    assert all(made.id.isalnum() and made.id.islower() and len(made.id) == 8 for made in runs)


def test_tags_hold_what_aws_takes_for_one() -> None:
    tags = run(owner="o'neil, <ops> " + "x" * 300).tags
    assert tags["stackproof_run"] == "ab2cd3ef"
    assert tags["stackproof_expires"] == "2030-01-01T16:00:00Z"
    assert tags["stackproof_stack"] == "shop/dev"
    assert tags["stackproof_owner"].startswith("o-neil- -ops- x")
    assert len(tags["stackproof_owner"]) == 256
    assert "stackproof_owner" not in run().tags


def test_tags_are_variables_that_a_shell_lets_through() -> None:
    account = TaggingAccount(EmulatedAccount(), run())
    names = [name for name in account.environment() if name.startswith("TF_AWS_DEFAULT_TAGS_")]
    assert len(names) == 3
    assert all(name.isidentifier() for name in names)
    assert "AWS_ACCESS_KEY_ID" in account.environment()
    assert account.account_id == "123456789012"


def test_the_provider_tags_everything_whatever_the_configuration_says(tmp_path: Path) -> None:
    (tmp_path / "stack/inner").mkdir(parents=True)
    (tmp_path / "stack/main.tf").write_text(
        'provider "aws" {\n  region = "us-east-1"\n  default_tags {\n    tags = { Own = "yes" }\n  }\n}\n'
        'provider "aws" {\n  alias  = "other"\n  region = "eu-west-1"\n}\n'
        'resource "aws_sqs_queue" "own" {}\n'
        'resource "aws_sqs_queue" "elsewhere" {\n  provider = aws.other\n  tags     = { Mine = "1" }\n}\n'
        'module "inner" {\n  source = "./inner"\n}\n',
        encoding="utf-8",
    )
    (tmp_path / "stack/inner/main.tf").write_text('resource "aws_sns_topic" "inner" {}\n', encoding="utf-8")
    with EmulatedAccount() as account, children.scratch_folder() as scratch:
        request = Request(
            cli=locate.locate(),
            original=tmp_path / "stack",
            copy=link_copy(tmp_path / "stack", scratch / "copy", with_state=False),
            scratch=scratch,
            cache=tmp_path / "cache",
            timeout=100,
            caller=os.environ,
            account=TaggingAccount(account, run()).environment(),
        )
        installed = install(request).unserved()
        for package in installed.packages:
            check_provider(package.version)
        terraform = Terraform(request.cli, installed.folder, installed.environment, timeout=100)
        terraform.plan(scratch / "plan")
        changes = json.loads(terraform.show(scratch / "plan"))["resource_changes"]
    tags = {entry["address"]: entry["change"]["after"]["tags_all"] for entry in changes}
    assert tags == {
        "aws_sqs_queue.own": {"Own": "yes", **run().tags},
        "aws_sqs_queue.elsewhere": {"Mine": "1", **run().tags},
        "module.inner.aws_sns_topic.inner": {"Own": "yes", **run().tags},
    }


def test_a_provider_that_would_tag_nothing_is_refused() -> None:
    check_provider("5.62.0")
    check_provider("6.0.1")
    for old in ("5.61.0", "4.67.0"):
        with pytest.raises(SandboxError, match=rf"hashicorp/aws {old} takes no tags"):
            check_provider(old)


def test_names_of_a_run_come_from_the_variable_that_the_settings_name(tmp_path: Path) -> None:
    (tmp_path / "variables.tf").write_text('variable "project" {}\nvariable "size" {}\n', encoding="utf-8")
    sandbox = Sandbox(prefix="ci", prefix_variable="project")
    assert naming_variables(run(), sandbox, tmp_path) == {"project": "ci-ab2cd3ef"}
    with pytest.raises(SandboxError, match=r"prefix_variable.*Name the variable"):
        naming_variables(run(), Sandbox(), tmp_path)
    with pytest.raises(SandboxError, match=r"has no variable 'name'\. Name one of its own: project, size"):
        naming_variables(run(), Sandbox(prefix_variable="name"), tmp_path)


def test_a_state_s_key_leads_back_to_its_run() -> None:
    found = run_of_state(run().state_key, NOON, Sandbox(expires_hours=2))
    assert found == SandboxRun("ab2cd3ef", "shop", "dev", NOON, NOON + timedelta(hours=2))
    assert run_of_state("shop/dev.tfstate", NOON, Sandbox()) is None
    assert run_of_state("runs/ab2cd3ef.json", NOON, Sandbox()) is None


def test_a_run_is_read_from_what_was_written_of_it() -> None:
    assert from_data(as_data(run(owner="ops"))) == run(owner="ops")
    for wrong in ({}, {**as_data(run()), "expires": "soon"}, {**as_data(run()), "id": "../x"}):
        with pytest.raises((ValueError, KeyError)):
            from_data(wrong)


def test_records_are_kept_in_the_account_and_forgotten(account: EmulatedAccount) -> None:
    Clients(account)("s3").create_bucket(Bucket=BUCKET)
    records = Records(account, BUCKET)
    records.write(run(owner="ops"))
    assert records.read("ab2cd3ef") == run(owner="ops")
    records.remove("ab2cd3ef")
    with pytest.raises(SandboxError, match=r"s3://.*/runs/ab2cd3ef\.json: the record of the run cannot be read"):
        records.read("ab2cd3ef")


def test_what_is_no_record_is_told_with_its_place(account: EmulatedAccount) -> None:
    s3 = Clients(account)("s3")
    s3.create_bucket(Bucket="other")
    for body in (b"not json", b"[]", b"{}", json.dumps({**as_data(run()), "expires": None}).encode()):
        s3.put_object(Bucket="other", Key="runs/x.json", Body=body)
        with pytest.raises(SandboxError, match=r"s3://other/runs/x\.json: is not the record of a run"):
            Records(account, "other").read("x")


def test_a_bucket_that_there_is_not_is_told(account: EmulatedAccount) -> None:
    with pytest.raises(SandboxError, match="NoSuchBucket"):
        Records(account, "nowhere").write(run())


def test_the_tag_is_the_one_that_the_janitor_looks_for() -> None:
    assert RUN_TAG in run().tags
