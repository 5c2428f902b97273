"""`stackproof policy` on plan files and folders of HCL: text, JSON and SARIF, baselines, and exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stackproof.cli import main

from .conftest import WriteRule
from .planned import Planned, plan_of

Run = Callable[..., tuple[int, str]]

NAMELESS = Planned("aws_s3_bucket.a", {"bucket": None})
NAMED = Planned("aws_s3_bucket.b", {"bucket": "b"})
UNTOLD = Planned("aws_s3_bucket.c", refers={"bucket": ["var.name"]})


@pytest.fixture
def run(
    tmp_path: Path, write_rule: WriteRule, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run the command with the one rule, in a folder of the test's own."""
    write_rule()
    monkeypatch.chdir(tmp_path)

    def ask(*words: object) -> tuple[int, str]:
        capsys.readouterr()
        code = main(["policy", "--policies", "rules", *map(str, words)])
        return code, capsys.readouterr().out

    return ask


def saved(folder: Path, *resources: Planned, name: str = "dev") -> Path:
    file = folder / f"{name}.json"
    file.write_text(json.dumps(plan_of(*resources).document), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("resources", "words", "code"),
    [
        ([NAMED], [], 0),
        ([NAMED, NAMELESS], [], 1),
        ([NAMED, UNTOLD], [], 1),
        ([NAMED, UNTOLD], ["--allow", "undecided"], 0),
        ([NAMELESS], ["--allow", "undecided"], 1),
    ],
)
def test_the_exit_code_is_the_verdict(
    run: Run, tmp_path: Path, resources: list[Planned], words: list[str], code: int
) -> None:
    assert run(saved(tmp_path, *resources), *words)[0] == code


def test_a_finding_is_told_with_why_and_remedy(run: Run, tmp_path: Path) -> None:
    _, out = run(saved(tmp_path, NAMELESS))
    for part in (
        "fail T_001 high: Buckets have a name [dev]",
        "aws_s3_bucket.a: bucket: there is none",
        "nobody finds",
    ):
        assert part in out
    assert out.splitlines()[-1] == "fail: 1 rules judged 1 times, 1 findings, 0 undecided, 0 excepted"


def test_several_plans_are_judged_together(run: Run, tmp_path: Path) -> None:
    _, out = run(saved(tmp_path, NAMELESS), saved(tmp_path, NAMELESS, name="prod"))
    assert out.count("aws_s3_bucket.a") == 1
    assert "[dev, prod]" in out


def test_plans_can_be_named_for_their_environment(run: Run, tmp_path: Path) -> None:
    plan = saved(tmp_path, NAMELESS)
    assert "[prod]" in run(f"prod={plan}")[1]
    (tmp_path / "other").mkdir()
    assert run(plan, saved(tmp_path / "other", NAMELESS))[0] == 2
    assert "[dev, prod]" in run(plan, f"prod={saved(tmp_path / 'other', NAMELESS)}")[1]


def test_a_plan_of_another_stack_has_no_places_in_the_declared_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stack").mkdir()
    (tmp_path / "pyproject.toml").write_text('[tool.stackproof.stacks.s]\nfolder = "stack"\n', encoding="utf-8")
    plan = saved(tmp_path, NAMELESS)
    block = 'resource "aws_s3_bucket" "a" {\n  bucket = null\n}\n'
    (tmp_path / "stack/main.tf").write_text(block, encoding="utf-8")
    assert "at stack/main.tf:2" in run(plan)[1]
    (tmp_path / "stack/main.tf").write_text(block + 'module "b" {\n  source = "./b"\n}\n', encoding="utf-8")
    assert "main.tf" not in run(plan)[1]


def test_json_and_sarif_say_the_same(run: Run, tmp_path: Path) -> None:
    plan = saved(tmp_path, NAMELESS, UNTOLD)
    code, out = run(plan, "--format", "json")
    data: dict[str, Any] = json.loads(out)
    assert (code, data["verdict"], data["judged"]) == (1, "fail", 2)
    assert [(one["address"], one["verdict"]) for one in data["findings"]] == [
        ("aws_s3_bucket.a", "fail"),
        ("aws_s3_bucket.c", "undecided"),
    ]
    _, out = run(plan, "--format", "sarif", "--out", "found.sarif")
    assert not out
    results = json.loads((tmp_path / "found.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert [one["kind"] for one in results] == ["fail", "open"]


def test_a_file_that_cannot_be_written_is_told(run: Run, tmp_path: Path) -> None:
    assert run(saved(tmp_path, NAMED), "--format", "json", "--out", "nowhere/found.json")[0] == 2


def test_a_baseline_is_recorded_and_hides_what_was_there(run: Run, tmp_path: Path) -> None:
    plan = saved(tmp_path, NAMELESS)
    assert run(plan, "--baseline", "known.json", "--new-baseline")[0] == 0
    code, out = run(plan, "--baseline", "known.json")
    assert (code, "1 known" in out) == (0, True)
    assert (
        run(saved(tmp_path, NAMELESS, Planned("aws_s3_bucket.new", {"bucket": None})), "--baseline", "known.json")[0]
        == 1
    )


def test_a_baseline_needs_a_file(run: Run, tmp_path: Path) -> None:
    assert run(saved(tmp_path, NAMED), "--new-baseline")[0] == 2
    assert run(saved(tmp_path, NAMED), "--baseline", "nowhere.json")[0] == 2


def test_a_folder_of_hcl_is_judged_without_a_plan(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stack/module").mkdir(parents=True)
    text = """
variable "name" {}

module "named" {
  source = "./module"
  name   = "named"
}

module "nameless" {
  source = "./module"
}

resource "aws_s3_bucket" "told_later" {
  bucket = var.name
}
"""
    module = """
variable "name" {
  default = null
}

resource "aws_s3_bucket" "this" {
  bucket = var.name
}
"""
    (tmp_path / "stack/main.tf").write_text(text, encoding="utf-8")
    (tmp_path / "stack/module/main.tf").write_text(module, encoding="utf-8")
    code, out = run("stack", "--format", "json")
    found = {one["address"]: one for one in json.loads(out)["findings"]}
    assert code == 1
    assert found["module.nameless.aws_s3_bucket.this"]["place"] == "stack/module/main.tf:7"
    assert found["module.nameless.aws_s3_bucket.this"]["module_calls"] == ["stack/main.tf:9"]
    assert found["aws_s3_bucket.told_later"]["verdict"] == "undecided"
    assert "module.named.aws_s3_bucket.this" not in found


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(
    ("text", "what"),
    [("", "holds no resource"), ('resource "aws_s3_bucket" {', "cannot be read as HCL"), (None, "cannot be read")],
)
def test_a_folder_that_cannot_be_judged_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, what: str
) -> None:
    if text is not None:
        (tmp_path / "stack").mkdir()
        (tmp_path / "stack/main.tf").write_text(text, encoding="utf-8")
    code = main(["policy", "--policies", "rules", "stack"])
    assert code == 2
    assert what in capsys.readouterr().err


def test_without_policies_it_says_where_to_declare_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.stackproof]\n", encoding="utf-8")
    assert main(["policy", str(saved(tmp_path, NAMED))]) == 2
    assert "folders" in capsys.readouterr().err
