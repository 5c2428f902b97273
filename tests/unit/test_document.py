from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from stackproof import load_plan
from stackproof.errors import PlanError
from stackproof.plan.document import parse_document

PLAN = Path(__file__).parent / "data/plan.json"
SMALLEST: dict[str, Any] = {"format_version": "1.2", "planned_values": {"root_module": {}}}
REMEDY = "Make one with: terraform plan -out=FILE && terraform show -json FILE > plan.json"


def refusal(tmp_path: Path, content: bytes | str | object) -> str:
    file = tmp_path / "plan.json"
    if isinstance(content, str):
        content = content.encode()
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(PlanError) as caught:
        load_plan(file)
    message = str(caught.value)
    assert message.startswith(f"{file}: ")
    assert "\n" not in message
    return message.removeprefix(f"{file}: ")


def test_a_plan_is_read_whatever_its_provider(tmp_path: Path) -> None:
    file = tmp_path / "smallest.json"
    file.write_text(json.dumps(SMALLEST), encoding="utf-8")
    assert load_plan(file).environment == "smallest"
    assert load_plan(str(file), environment="prod").environment == "prod"
    assert len(load_plan(PLAN)) > 10


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_plan_that_powershell_wrote_is_read_too(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(PLAN.read_text(encoding="utf-8"), encoding=encoding)
    assert len(load_plan(file)) == len(load_plan(PLAN))


def test_a_plan_cut_anywhere_is_truncated() -> None:
    text = json.dumps({**SMALLEST, "variables": {"a": {"value": "\u00fc }"}, "b": {"value": [True, None, -1.5e3]}}})
    for length in range(1, len(text)):
        with pytest.raises(PlanError, match="is truncated") as caught:
            parse_document(text[:length], "plan.json")
        assert REMEDY in str(caught.value)


def test_a_plan_cut_within_a_character_is_no_plan(tmp_path: Path) -> None:
    assert refusal(tmp_path, json.dumps(SMALLEST).encode("utf-16")[:-1]).startswith("is not JSON: 'utf-16")


@pytest.mark.parametrize("content", [b"", b" \n", b"\n\n\n"])
def test_an_empty_file_is_empty(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, content) == f"is empty. {REMEDY}"


@pytest.mark.parametrize(
    "content",
    [
        b"Error: Failed to read plan\n",
        b"\x00\xff\xfe\x00",
        b'resource "x" "y" {}',
        b"{'format_version': '1.2'}",
        b'{"format_version": "1.2"}\nWarning: something else',
        b'{"@level": "info", "type": "version"}\n{"@level": "info", "type": "planned_change"}\n',
        b"[" * 200_000,
    ],
    ids=["words", "bytes", "HCL", "Python", "a warning behind", "terraform plan -json", "deep"],
)
def test_what_is_not_json_is_said_to_be_that(tmp_path: Path, content: bytes) -> None:
    message = refusal(tmp_path, content)
    assert message.startswith("is not JSON: ")
    assert message.endswith(REMEDY)


def test_a_binary_plan_file_is_told_from_its_json(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("tfplan", b"\x08\x03")
    assert refusal(tmp_path, packed.getvalue()) == f"is a plan file, not its JSON. {REMEDY}"


@pytest.mark.parametrize("content", [[], "plan", 1, None, {}, {"version": 4, "resources": []}, {"Resources": {}}])
def test_foreign_json_is_no_plan(tmp_path: Path, content: object) -> None:
    assert refusal(tmp_path, json.dumps(content)) == f"is not a Terraform plan. {REMEDY}"


def test_a_state_is_told_from_a_plan(tmp_path: Path) -> None:
    state = {"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {}}}
    assert refusal(tmp_path, state) == f"holds a state, not a plan. {REMEDY}"


def test_what_terraform_prints_for_other_commands_is_no_plan(tmp_path: Path) -> None:
    assert refusal(tmp_path, {"format_version": "1.0", "provider_schemas": {}}) == (
        f"holds something else, not a plan. {REMEDY}"
    )


@pytest.mark.parametrize("version", ["2.0", "10.1"])
def test_a_newer_format_is_refused_with_what_to_do(tmp_path: Path, version: str) -> None:
    assert refusal(tmp_path, {**SMALLEST, "format_version": version}) == (
        f"has format version {version}, newer than 1.x, which is read here. "
        "Upgrade stackproof, or plan with an older Terraform."
    )


@pytest.mark.parametrize("version", ["0.2", "1.0", "1.99"])
def test_older_formats_and_newer_minor_ones_are_read(version: str) -> None:
    assert parse_document(json.dumps({**SMALLEST, "format_version": version}), "x")["format_version"] == version


CHANGE = {"address": "a.b", "mode": "managed", "type": "a", "name": "b"}


@pytest.mark.parametrize(
    "part",
    [
        {"resource_changes": {}},
        {"planned_values": []},
        {"output_changes": []},
        {"configuration": "x"},
        {"resource_changes": [1]},
        {"resource_changes": [{}]},
        {"resource_changes": [CHANGE]},
        {"resource_changes": [{**CHANGE, "change": {}}]},
        {"resource_changes": [{"change": {"actions": ["create"]}}]},
        {"output_changes": {"x": {"actions": ["dance"]}}},
        {"prior_state": []},
        {"prior_state": {"values": {"root_module": {"resources": [1]}}}},
        {"variables": []},
        {"configuration": {"root_module": []}},
    ],
    ids=json.dumps,
)
def test_a_part_of_another_shape_is_refused_in_one_line(tmp_path: Path, part: dict[str, Any]) -> None:
    message = refusal(tmp_path, {**SMALLEST, **part})
    assert "not what a plan holds there" in message or "is not shaped as a plan" in message
    assert message.endswith(REMEDY)


def test_a_file_that_is_not_there_or_is_a_folder_is_said_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"none\.json: cannot be read: No such file or directory\. Mend the path"):
        load_plan(tmp_path / "none.json")
    with pytest.raises(PlanError, match="cannot be read: Is a directory"):
        load_plan(tmp_path)


@pytest.mark.parametrize(
    ("extra", "reason"),
    [({"errored": True}, "is of a plan that failed"), ({"complete": False}, "covers a part of the stack only")],
)
def test_a_plan_that_is_not_whole_is_refused(tmp_path: Path, extra: dict[str, bool], reason: str) -> None:
    assert reason in refusal(tmp_path, {**SMALLEST, **extra})
