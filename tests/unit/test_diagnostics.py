from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from stackproof.errors import TerraformError
from stackproof.terraform import locate
from stackproof.terraform.children import Completed
from stackproof.terraform.configuration import child_environment, write_cli_configuration
from stackproof.terraform.diagnostics import Diagnostic, TerraformFailed, failure
from stackproof.terraform.runner import Terraform

FOLDER = Path("/stack")


def failed(stdout: str = "", stderr: str = "", code: int = 1) -> TerraformFailed:
    return failure("plan", FOLDER, Completed(("terraform", "plan"), code, stdout, stderr, 0.1))


def message(**diagnostic: object) -> str:
    return json.dumps({"@level": "error", "type": "diagnostic", "diagnostic": {"severity": "error", **diagnostic}})


class TestJsonMessages:
    def test_an_error_has_its_place_summary_and_detail(self) -> None:
        place = {"filename": "main.tf", "start": {"line": 7}}
        error = failed(
            '{"type":"version"}\n' + message(summary="Bad", detail="Very\n\n  bad.", range=place, address="a.b") + "\n"
        )
        assert error.diagnostics == (Diagnostic("Bad", "Very\n\n  bad.", "main.tf", 7, "a.b"),)
        assert str(error) == "/stack/main.tf:7: terraform plan failed: Bad: Very bad."

    def test_a_message_that_came_alone_is_read_too(self) -> None:
        assert failed(message(summary="Bad")).diagnostics == (Diagnostic("Bad"),)

    def test_the_first_of_several_speaks_and_all_are_kept(self) -> None:
        error = failed("\n".join(message(summary=text) for text in ("One", "Two", "Three")))
        assert str(error) == "/stack: terraform plan failed: One (and 2 more)"
        assert [said.summary for said in error.diagnostics] == ["One", "Two", "Three"]

    def test_warnings_and_damaged_messages_are_passed_over(self) -> None:
        warning = json.dumps({"diagnostic": {"severity": "warning", "summary": "Old"}})
        error = failed("\n".join([warning, '{"diagnostic": ', '{"x": "diagnostic"}', message(summary="Bad")]))
        assert [said.summary for said in error.diagnostics] == ["Bad"]

    def test_a_place_in_another_module_is_shown_from_the_users_folder(self) -> None:
        place = {"filename": "../modules/net/main.tf", "start": {"line": 3}}
        assert failed(message(summary="Bad", range=place)).where == "/modules/net/main.tf:3"


class TestText:
    def test_a_framed_error_has_its_place_summary_and_detail(self) -> None:
        error = failed(
            stderr="╷\n│ Error: Unsupported block type\n│ \n│   on main.tf line 4, in resource:\n│    4:   oops {\n│ \n"
            '│ Blocks of type "oops" are not\n│ expected here.\n╵\n'
        )
        assert error.diagnostics == (
            Diagnostic("Unsupported block type", 'Blocks of type "oops" are not\nexpected here.', "main.tf", 4),
        )
        assert str(error) == (
            "/stack/main.tf:4: terraform plan failed: Unsupported block type: "
            'Blocks of type "oops" are not expected here.'
        )

    def test_an_error_without_a_frame_is_read_too(self) -> None:
        error = failed(stderr="\nError: No value\n\n  on v.tf line 1:\n   1: variable x {\n\nSet it.\n")
        assert error.diagnostics == (Diagnostic("No value", "Set it.", "v.tf", 1),)

    def test_several_errors_are_kept_apart_and_those_with_a_place_come_first(self) -> None:
        error = failed(stderr="Error: One\n\nFirst.\n\nError: Two\n\n  on b.tf line 2:\n\nSecond.\n")
        assert error.diagnostics == (Diagnostic("Two", "Second.", "b.tf", 2), Diagnostic("One", "First."))

    def test_what_is_said_without_an_error_is_told_by_its_last_lines(self) -> None:
        error = failed(stderr="one\ntwo\nthree\nfour", code=3)
        assert str(error) == "/stack: terraform plan failed: exit code 3: two three four"

    def test_silence_is_told_by_the_exit_code(self) -> None:
        assert str(failed(code=7)) == "/stack: terraform plan failed: exit code 7"


class TestRealTerraform:
    @pytest.fixture
    def terraform(self, tmp_path: Path) -> Terraform:
        write_cli_configuration(tmp_path / "rc", [], registry=False)
        environment = child_environment(
            {"PATH": os.environ["PATH"]},
            cli_configuration=tmp_path / "rc",
            data_folder=tmp_path / "data",
            home=tmp_path,
        )
        return Terraform(locate.locate(), tmp_path, environment, timeout=60)

    def test_a_syntax_error_is_found_by_init(self, tmp_path: Path, terraform: Terraform) -> None:
        (tmp_path / "main.tf").write_text('\n\nresource "terraform_data" {\n', encoding="utf-8")
        with pytest.raises(TerraformFailed) as caught:
            terraform.init()
        assert caught.value.where == f"{tmp_path}/main.tf:3"
        assert "\n" not in str(caught.value)

    def test_a_wrong_argument_is_found_by_validate(self, tmp_path: Path, terraform: Terraform) -> None:
        (tmp_path / "main.tf").write_text('resource "terraform_data" "x" {\n  inptu = 1\n}\n', encoding="utf-8")
        terraform.init()
        with pytest.raises(TerraformFailed) as caught:
            terraform.validate()
        assert str(caught.value) == (
            f"{tmp_path}/main.tf:2: terraform validate failed: Unsupported argument: "
            'An argument named "inptu" is not expected here. Did you mean "input"?'
        )

    def test_a_missing_variable_is_found_by_plan(self, tmp_path: Path, terraform: Terraform) -> None:
        (tmp_path / "main.tf").write_text('\nvariable "size" {\n}\n', encoding="utf-8")
        terraform.init()
        with pytest.raises(TerraformFailed, match=r"main\.tf:2: terraform plan failed: No value for required variable"):
            terraform.plan(tmp_path / "plan")

    def test_every_error_of_a_run_is_kept(self, tmp_path: Path, terraform: Terraform) -> None:
        (tmp_path / "main.tf").write_text("locals {\n  a = local.x\n  b = local.y\n}\n", encoding="utf-8")
        terraform.init()
        with pytest.raises(TerraformFailed) as caught:
            terraform.plan(tmp_path / "plan")
        assert sorted(said.line or 0 for said in caught.value.diagnostics) == [2, 3]
        assert isinstance(caught.value, TerraformError)
