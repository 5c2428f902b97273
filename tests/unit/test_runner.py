"""Terraform's commands: python-terraform spells them, and both Terraforms answer."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import python_terraform

from stackproof.errors import TerraformError
from stackproof.terraform.configuration import child_environment
from stackproof.terraform.diagnostics import TerraformFailed
from stackproof.terraform.locate import Cli
from stackproof.terraform.runner import Terraform

if TYPE_CHECKING:
    from tests.unit.conftest import Traces

TerraformIn = Callable[[Path], Terraform]
StackOf = Callable[[str], Path]


@pytest.fixture
def tiny(stack_of: StackOf, terraform_in: TerraformIn) -> Terraform:
    terraform = terraform_in(stack_of("tiny"))
    terraform.init()
    return terraform


@pytest.fixture
def configured(tmp_path: Path, terraform_in: TerraformIn) -> Callable[..., Terraform]:
    """Terraform in a root module of these files."""

    def make(**files: str) -> Terraform:
        folder = tmp_path / "configured"
        folder.mkdir()
        for name, text in files.items():
            (folder / f"{name}.tf").write_text(text, encoding="utf-8")
        return terraform_in(folder)

    return make


def test_a_plan_is_made_and_shown(tiny: Terraform, tmp_path: Path) -> None:
    assert tiny.plan(tmp_path / "plan") is True
    document = json.loads(tiny.show(tmp_path / "plan"))
    (change,) = document["resource_changes"]
    assert change["address"] == "terraform_data.this"
    assert change["change"]["after"]["input"] == {"size": "small", "password": None}


def test_a_plan_with_nothing_to_do_says_so(configured: Callable[..., Terraform], tmp_path: Path) -> None:
    terraform = configured(main='locals {\n  nothing = "to do"\n}\n')
    terraform.init()
    assert terraform.plan(tmp_path / "plan") is False


def test_messages_of_a_plan_come_as_json_lines(tiny: Terraform, tmp_path: Path) -> None:
    lines: list[str] = []
    tiny.plan(tmp_path / "plan", on_line=lines.append)
    kinds = [json.loads(line)["type"] for line in lines]
    assert kinds[0] == "version"
    assert "planned_change" in kinds


def test_of_several_var_files_the_last_wins(tiny: Terraform, tmp_path: Path) -> None:
    files = [tmp_path / "first.tfvars", tmp_path / "last.tfvars.json"]
    files[0].write_text('size = "first"\n', encoding="utf-8")
    files[1].write_text('{"size": "last"}', encoding="utf-8")
    tiny.plan(tmp_path / "plan", var_files=files)
    assert json.loads(tiny.show(tmp_path / "plan"))["variables"]["size"]["value"] == "last"


TWO = """
resource "terraform_data" "a" {
  input = 1
}

resource "terraform_data" "b" {
  input = 2
}
"""
CHECKED = """
resource "terraform_data" "checked" {
  lifecycle {
    postcondition {
      condition     = self.id == ""
      error_message = "No."
    }
  }
}
"""


def state_of(terraform: Terraform) -> dict[str, object]:
    """The addresses in a state, and what they were given."""
    root = json.loads(terraform.show_state()).get("values", {}).get("root_module", {})
    return {resource["address"]: resource["values"].get("input") for resource in root.get("resources", ())}


def test_what_is_applied_is_in_the_state_even_if_it_is_sensitive(tiny: Terraform, tmp_path: Path) -> None:
    assert state_of(tiny) == {}
    file = tmp_path / "given.tfvars"
    file.write_text('size = "large"\npassword = "correct-horse"\n', encoding="utf-8")
    tiny.apply(var_files=[file])
    assert state_of(tiny) == {"terraform_data.this": {"size": "large", "password": "correct-horse"}}


def test_only_targets_are_applied_where_there_are_some(configured: Callable[..., Terraform]) -> None:
    terraform = configured(main=TWO)
    terraform.init()
    terraform.apply(targets=["terraform_data.b"])
    assert state_of(terraform) == {"terraform_data.b": 2}
    terraform.apply()
    assert state_of(terraform) == {"terraform_data.a": 1, "terraform_data.b": 2}


def test_a_failed_apply_says_where_and_keeps_what_was_made(configured: Callable[..., Terraform]) -> None:
    terraform = configured(main=TWO, more=CHECKED)
    terraform.init()
    with pytest.raises(TerraformFailed, match=r"more.tf:\d+: terraform apply failed: Resource postcond.*: No"):
        terraform.apply()
    assert set(state_of(terraform)) == {"terraform_data.a", "terraform_data.b", "terraform_data.checked"}


@pytest.mark.parametrize("text", ["size = {\n", 'size = "open\n', None], ids=["no end", "open text", "no file"])
def test_a_var_file_that_cannot_be_read_fails_plan_and_apply(tiny: Terraform, tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "wrong.tfvars"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(TerraformFailed, match=r"terraform plan failed: ") as caught:
        tiny.plan(tmp_path / "plan", var_files=[file])
    assert "wrong.tfvars" in str(caught.value)
    with pytest.raises(TerraformFailed, match=r"terraform apply failed: "):
        tiny.apply(var_files=[file])
    assert state_of(tiny) == {}


def test_a_valid_configuration_validates(tiny: Terraform) -> None:
    tiny.validate()


def test_validation_reports_every_error_with_its_place(configured: Callable[..., Terraform]) -> None:
    terraform = configured(main='resource "terraform_data" "this" {\n  inptu = 1\n  otput = 2\n}\n')
    terraform.init()
    with pytest.raises(TerraformFailed, match=r"configured/main.tf:2: terraform validate failed: Unsupp.*and 1 more"):
        terraform.validate()
    with pytest.raises(TerraformFailed) as caught:
        terraform.validate()
    assert [(said.summary, said.file, said.line) for said in caught.value.diagnostics] == [
        ("Unsupported argument", "main.tf", 2),
        ("Unsupported argument", "main.tf", 3),
    ]


def test_a_failed_init_reports_the_places_of_what_it_means(configured: Callable[..., Terraform]) -> None:
    terraform = configured(main="locals {}\n", other='\n\nresource "terraform_data" {\n}\n')
    with pytest.raises(TerraformFailed, match=r"configured/other.tf:3: terraform init failed: Missing name") as caught:
        terraform.init()
    assert {(said.file, said.line) for said in caught.value.diagnostics} == {("other.tf", 3)}
    assert "\n" not in str(caught.value)


def test_a_failed_plan_carries_place_address_and_all_diagnostics(
    configured: Callable[..., Terraform], tmp_path: Path
) -> None:
    terraform = configured(
        first='variable "wanted" {\n  type = string\n}\n\nvariable "needed" {\n  type = string\n}\n',
    )
    terraform.init()
    with pytest.raises(TerraformFailed, match=r"first.tf:1: .*No value for required variable") as caught:
        terraform.plan(tmp_path / "plan")
    assert sorted((said.file or "", said.line or 0) for said in caught.value.diagnostics) == [
        ("first.tf", 1),
        ("first.tf", 5),
    ]


def test_an_error_speaks_of_the_folder_that_the_user_knows(cli: Cli, tmp_path: Path, stack_of: StackOf) -> None:
    (stack_of("tiny") / "wrong.tf").write_text("resource {", encoding="utf-8")
    environment = child_environment(
        os.environ, cli_configuration=Path(os.devnull), data_folder=tmp_path / "data", home=tmp_path
    )
    terraform = Terraform(cli, tmp_path / "tiny", environment, timeout=60, shown_folder=Path("/the/users/own"))
    with pytest.raises(TerraformFailed, match=r"^/the/users/own/wrong.tf:1: "):
        terraform.init()


def test_files_that_are_not_in_form_are_told_and_then_brought_into_form(
    configured: Callable[..., Terraform], tmp_path: Path
) -> None:
    terraform = configured(good="locals {}\n", bad="locals {\na=1\n}\n")
    folder = tmp_path / "configured"
    assert terraform.fmt(folder, check=True) == ("bad.tf",)
    assert (folder / "bad.tf").read_text(encoding="utf-8") == "locals {\na=1\n}\n"
    assert terraform.fmt(folder, check=False) == ("bad.tf",)
    assert (folder / "bad.tf").read_text(encoding="utf-8") == "locals {\n  a = 1\n}\n"
    assert terraform.fmt(folder, check=True) == ()


def test_a_file_that_cannot_be_formatted_is_told_with_its_line(
    configured: Callable[..., Terraform], tmp_path: Path
) -> None:
    terraform = configured(bad="locals {\n  a = \n}\n")
    with pytest.raises(TerraformFailed, match=r"configured/bad.tf:2: terraform fmt failed: Invalid expression"):
        terraform.fmt(tmp_path / "configured", check=True)


def test_a_damaged_state_beside_the_configuration_is_not_read(stack_of: StackOf, terraform_in: TerraformIn) -> None:
    folder = stack_of("tiny")
    (folder / "terraform.tfstate").write_text("{ not a state", encoding="utf-8")
    assert terraform_in(folder).fmt(folder, check=True) == ()


def test_python_terraform_spells_the_commands(script: Callable[[str, str], Path], tmp_path: Path) -> None:
    log = tmp_path / "words"
    program = script("terraform", f'for word; do echo "$word" >> {log}; done')
    terraform = Terraform(Cli((str(program),), "1.11.4", "here"), tmp_path, {}, timeout=60)
    terraform.plan(tmp_path / "out", var_files=[tmp_path / "a", tmp_path / "b"])
    wrapper = terraform._wrapper
    assert isinstance(wrapper, python_terraform.Terraform)
    spelt = wrapper.generate_cmd_string(
        "plan",
        input=False,
        json=python_terraform.IsFlagged,
        detailed_exitcode=python_terraform.IsFlagged,
        lock=False,
        out=str(tmp_path / "out"),
        var_file=[str(tmp_path / "a"), str(tmp_path / "b")],
    )
    assert log.read_text(encoding="utf-8").splitlines() == spelt[1:]


def test_python_terraforms_own_methods_run_safely_too(script: Callable[[str, str], Path], tmp_path: Path) -> None:
    program = script("terraform", "[ $1 = plan ] && kill -KILL $$; echo out; echo err >&2; exit 7")
    wrapper = Terraform(Cli((str(program),), "1.11.4", "here"), tmp_path, dict(os.environ), timeout=60)._wrapper
    assert wrapper.get_cmd(capture_output=True) == (7, "out\n", "err\n")
    with pytest.raises(TerraformError, match="SIGKILL"):
        wrapper.plan()


@pytest.mark.parametrize("end", ["exit 0", "exit 1", "kill -KILL $$"])
def test_variables_given_as_a_mapping_leave_no_file_behind(
    script: Callable[[str, str], Path], tmp_path: Path, traces: Traces, end: str
) -> None:
    log = tmp_path / "seen"
    program = script("terraform", f'for word; do case $word in *=*) cat "${{word#*=}}" >> {log} ;; esac; done\n{end}')
    wrapper = Terraform(Cli((str(program),), "1.11.4", "here"), tmp_path, dict(os.environ), timeout=60)._wrapper
    try:
        wrapper.execute("plan", var={"password": "correct-horse"})
    except TerraformError:
        assert "KILL" in end
    assert json.loads(log.read_text(encoding="utf-8")) == {"password": "correct-horse"}
    assert traces.left() == []
