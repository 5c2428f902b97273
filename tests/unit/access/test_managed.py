"""The documents of AWS's own managed policies, as bundled."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
from pathlib import Path

import pytest

from stackproof.analysis.access import Access, managed

from .conftest import entry, role, stack

EXECUTION = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
SCRIPT = Path(__file__).parents[3] / "scripts/managed_policies.py"


def test_a_document_is_found_by_its_arn_with_its_path() -> None:
    document = managed.document(EXECUTION)
    assert document is not None
    assert "ecr:BatchGetImage" in document["Statement"][0]["Action"]
    assert managed.version(EXECUTION) == "v1"


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy",
        "arn:aws:iam::aws:policy/NoSuchPolicy",
        "arn:aws:iam::123456789012:policy/AdministratorAccess",
        "AdministratorAccess",
    ],
)
def test_what_is_not_bundled_is_none(arn: str) -> None:
    assert managed.document(arn) is None
    assert managed.version(arn) is None


def test_in_another_partition_the_arns_in_a_document_are_that_partition_s() -> None:
    name = "iam::aws:policy/AWSCodePipeline_FullAccess"
    assert '"arn:aws:' in json.dumps(managed.document(f"arn:aws:{name}"))
    chinese = json.dumps(managed.document(f"arn:aws-cn:{name}"))
    assert '"arn:aws:' not in chinese
    assert '"arn:aws-cn:' in chinese


def test_the_bundle_says_as_of_when_it_is() -> None:
    assert dt.date.fromisoformat(managed.date()) > dt.date(2026, 1, 1)


def test_the_bundle_is_what_the_script_makes_of_the_installed_moto(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.spec_from_file_location("managed_policies", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    bundled = script.FILE.read_bytes()
    monkeypatch.setattr(script, "FILE", tmp_path / "data/bundle.gz")
    assert script.main() == 0
    assert (tmp_path / "data/bundle.gz").read_bytes() == bundled


def test_a_role_has_what_an_attached_managed_policy_allows() -> None:
    attached = entry("aws_iam_role_policy_attachment.a", role="app", policy_arn=EXECUTION)
    access = Access(stack(role("app"), attached))
    repository = "arn:aws:ecr:us-east-1:123456789012:repository/x"
    assert access.can("aws_iam_role.app", "ecr:BatchGetImage", repository)
    assert not access.can("aws_iam_role.app", "ecr:PutImage", repository)
