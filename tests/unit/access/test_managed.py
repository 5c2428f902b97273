"""The documents of AWS-managed policies that come with the package."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from importlib import resources
from pathlib import Path
from types import ModuleType

import pytest

from stackproof.analysis.access.catalog import managed
from stackproof.analysis.access.documents.documents import PolicyKind, parse_policy

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
EXECUTION = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
SCRIPT = Path(__file__).parents[3] / "scripts/managed_policies.py"


def test_a_policy_is_found_by_its_arn() -> None:
    document = managed.document(ADMINISTRATOR)
    assert document is not None
    assert document["Statement"] == [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    assert managed.document(EXECUTION) is not None


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/NoSuchPolicy",
        "arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy",
        "arn:aws:iam::123456789012:policy/AdministratorAccess",
        "AdministratorAccess",
        "",
    ],
    ids=["unknown", "without its path", "of a customer", "a name", "empty"],
)
def test_another_arn_has_no_document(arn: str) -> None:
    assert managed.document(arn) is None
    assert managed.version(arn) is None


def test_in_another_partition_the_arns_in_a_policy_are_of_that_partition() -> None:
    name = "AWSElasticBeanstalkWebTier"
    standard = json.dumps(managed.document(f"arn:aws:iam::aws:policy/{name}"))
    government = json.dumps(managed.document(f"arn:aws-us-gov:iam::aws:policy/{name}"))
    assert "arn:aws:" in standard
    assert "arn:aws:" not in government
    assert government.replace("arn:aws-us-gov:", "arn:aws:") == standard
    assert managed.document("arn:aws-cn:iam::aws:policy/AdministratorAccess") == managed.document(ADMINISTRATOR)


def test_the_bundle_says_how_old_it_is() -> None:
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", managed.date())
    assert re.fullmatch(r"v\d+", managed.version(ADMINISTRATOR) or "")


def bundle() -> dict[str, dict[str, dict[str, object]]]:
    file = resources.files("stackproof.analysis.access.catalog") / "data/managed_policies.json.gz"
    content: dict[str, dict[str, dict[str, object]]] = json.loads(gzip.decompress(file.read_bytes()))
    return content


def test_every_bundled_document_is_a_policy() -> None:
    policies = bundle()["policies"]
    assert len(policies) > 1500
    for path, entry in policies.items():
        parsed = parse_policy(entry["document"], kind=PolicyKind.IDENTITY, holder=path)
        assert parsed.statements
        assert not parsed.undecided


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("managed_policies", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_makes_the_bundle_from_what_is_installed(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "FILE", tmp_path / "data" / "made.json.gz")
    assert script.main() == 0
    made = json.loads(gzip.decompress((tmp_path / "data" / "made.json.gz").read_bytes()))
    assert made == bundle()
    assert capsys.readouterr().out.startswith(f"{len(made['policies'])} policies as of {made['date']}, ")


def test_the_script_makes_the_same_file_of_the_same_policies(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for name in ("a", "b"):
        monkeypatch.setattr(script, "FILE", tmp_path / name)
        script.main()
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
