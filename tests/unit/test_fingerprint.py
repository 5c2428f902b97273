from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from stackproof.terraform.fingerprint import fingerprint

MAIN = """\
module "net" {
  source = "./modules/net"
}

module "shared" {
  source = "../shared"
}

module "registry" {
  source  = "acme/thing/example"
  version = "1.0.0"
}

locals {
  user   = templatefile("${path.module}/templates/user.tpl", {})
  notes  = file("${path.module}/../notes.txt")
  policy = [for name in ["a"] : file("${path.module}/policies/${name}.json")]
  all    = fileset(path.module, "policies/*.json")
  apart  = fileset("${path.module}/../apart", "*")
  maybe  = fileexists("../maybe.txt")
}
"""

FILES = {
    "root/main.tf": MAIN,
    "root/modules/net/main.tf": 'module "zone" {\n  source = "../../../deeper/zone"\n}\n',
    "root/templates/user.tpl": "hello",
    "root/policies/a.json": "{}",
    "root/terraform.tfvars": "",
    "root/more.auto.tfvars": "",
    "root/.terraform.lock.hcl": "# locked\n",
    "shared/main.tf": "# shared\n",
    "deeper/zone/main.tf": 'locals {\n  x = filesha256("${path.module}/../hashed.bin")\n}\n',
    "notes.txt": "notes",
    "deeper/hashed.bin": "bytes",
    "apart/one.txt": "1",
    "vars/prod.tfvars": "size = 2\n",
    "unrelated/main.tf": "# nothing\n",
}

Key = Callable[[], str | None]


@pytest.fixture
def top(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        write(tmp_path, name, text)
    return tmp_path


@pytest.fixture
def key(top: Path) -> Key:
    return lambda: fingerprint(top / "root", [top / "vars/prod.tfvars"], {"terraform": "1.11.4"})


def write(top: Path, name: str, text: str) -> None:
    (top / name).parent.mkdir(parents=True, exist_ok=True)
    (top / name).write_text(text, encoding="utf-8")


def test_the_same_content_has_the_same_key(key: Key) -> None:
    first = key()
    assert first is not None
    assert len(first) == 64
    assert key() == first


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("unrelated")])
def test_a_changed_file_that_decides_the_plan_changes_the_key(top: Path, key: Key, name: str) -> None:
    write(top, name, "# one\n" + FILES[name])
    before = key()
    write(top, name, "# two\n" + FILES[name])
    assert key() not in (before, None)


@pytest.mark.parametrize(
    "name",
    ["root/new.tf", "root/new.auto.tfvars", "root/policies/b.json", "shared/new.tf", "apart/two.txt", "maybe.txt"],
)
def test_a_new_file_that_decides_the_plan_changes_the_key(top: Path, key: Key, name: str) -> None:
    before = key()
    write(top, name, "# new\n")
    assert key() not in (before, None)


@pytest.mark.parametrize("name", ["root/policies/a.json", "notes.txt", "apart/one.txt", "vars/prod.tfvars"])
def test_a_removed_file_that_decides_the_plan_changes_the_key(top: Path, key: Key, name: str) -> None:
    before = key()
    (top / name).unlink()
    assert key() != before


def test_a_renamed_file_changes_the_key(top: Path, key: Key) -> None:
    before = key()
    (top / "root/policies/a.json").rename(top / "root/policies/b.json")
    assert key() != before


def test_content_that_moves_from_one_file_to_the_next_changes_the_key(top: Path, key: Key) -> None:
    write(top, "root/a.txt", "one")
    write(top, "root/b.txt", "two")
    before = key()
    write(top, "root/a.txt", "onet")
    write(top, "root/b.txt", "wo")
    assert key() != before


@pytest.mark.parametrize(
    "facts",
    [{"terraform": "1.15.5"}, {"terraform": "1.11.4", "TF_VAR": {"TF_VAR_size": "3"}}, {}],
    ids=["version", "variable", "none"],
)
def test_other_facts_change_the_key(top: Path, key: Key, facts: dict[str, object]) -> None:
    assert fingerprint(top / "root", [top / "vars/prod.tfvars"], facts) not in (key(), None)


def test_the_order_in_which_facts_are_told_does_not_matter(top: Path) -> None:
    one = fingerprint(top / "root", [], {"a": 1, "b": {"x": 1, "y": 2}})
    assert one == fingerprint(top / "root", [], {"b": {"y": 2, "x": 1}, "a": 1})


def test_variable_files_count_in_their_order(top: Path) -> None:
    write(top, "vars/dev.tfvars", "size = 1\n")
    files = [top / "vars/dev.tfvars", top / "vars/prod.tfvars"]
    keys = {fingerprint(top / "root", chosen, {}) for chosen in (files, files[::-1], files[:1], [])}
    assert len(keys) == 4


@pytest.mark.parametrize(
    "name",
    [
        "unrelated/main.tf",
        "root/.terraform/providers/x",
        "root/.terraform/modules/modules.json",
        "root/terraform.tfstate",
        "root/terraform.tfstate.backup",
        "root/terraform.tfstate.d/blue/terraform.tfstate",
        "root/crash.log",
        "root/.git/HEAD",
    ],
)
def test_what_terraform_leaves_behind_and_unrelated_files_change_nothing(top: Path, key: Key, name: str) -> None:
    before = key()
    write(top, name, "# other\n")
    assert key() == before


def test_the_time_of_a_file_changes_nothing(top: Path, key: Key) -> None:
    before = key()
    for file in top.rglob("*"):
        os.utime(file, (1, 1))
    assert key() == before


def test_a_copy_elsewhere_of_a_module_without_neighbours_has_the_same_key(tmp_path: Path) -> None:
    for place in ("here", "there"):
        write(tmp_path, f"{place}/main.tf", "# root\n")
    assert fingerprint(tmp_path / "here", [], {}) == fingerprint(tmp_path / "there", [], {})


@pytest.mark.parametrize(
    "expression",
    [
        "file(var.path)",
        "file(local.path)",
        'file("${var.folder}/x.json")',
        'file("${path.module}/../${var.name}.json")',
        'file("../%{ if var.x }a%{ else }b%{ endif }.json")',
        'templatefile(join("/", [path.module, "x"]), {})',
        "filemd5(pathexpand(var.path))",
        'fileset(var.folder, "*")',
        'fileset("${path.module}/../${var.folder}", "*")',
        "plantimestamp()",
    ],
)
def test_where_the_configuration_does_not_tell_what_it_reads_there_is_no_key(
    top: Path, key: Key, expression: str
) -> None:
    write(top, "root/more.tf", f"locals {{\n  more = {expression}\n}}\n")
    assert key() is None


def test_a_module_that_does_not_tell_what_it_reads_leaves_the_whole_without_a_key(top: Path, key: Key) -> None:
    write(top, "deeper/zone/main.tf", "locals {\n  x = file(var.path)\n}\n")
    assert key() is None


@pytest.mark.parametrize("type", ["external", "http", "local_file", "archive_file", "terraform_remote_state"])
def test_a_data_source_that_reads_the_world_leaves_the_whole_without_a_key(top: Path, key: Key, type: str) -> None:
    write(top, "root/data.tf", f'data "{type}" "x" {{\n}}\n')
    assert key() is None


@pytest.mark.parametrize("type", ["aws_iam_policy_document", "aws_availability_zones", "cloudinit_config"])
def test_a_data_source_that_is_answered_here_keeps_the_key(top: Path, key: Key, type: str) -> None:
    before = key()
    write(top, "root/data.tf", f'data "{type}" "x" {{\n}}\n')
    assert key() not in (before, None)


def test_configuration_in_json_syntax_has_no_key(top: Path, key: Key) -> None:
    write(top, "shared/more.tf.json", "{}")
    assert key() is None


def test_a_path_that_is_interpolated_within_the_module_keeps_the_key(top: Path, key: Key) -> None:
    write(top, "root/more.tf", 'locals {\n  more = file("${path.module}/policies/${each.key}.json")\n}\n')
    assert key() is not None


@pytest.mark.parametrize("source", ["./none", "../none"])
def test_a_module_folder_that_is_not_there_has_no_key(top: Path, key: Key, source: str) -> None:
    write(top, "root/more.tf", f'module "none" {{\n  source = "{source}"\n}}\n')
    assert key() is None


def test_modules_that_call_each_other_come_to_an_end(top: Path, key: Key) -> None:
    write(top, "shared/loop.tf", 'module "again" {\n  source = "../shared"\n}\n')
    assert key() is not None


def test_a_syntax_error_is_left_to_terraform(top: Path, key: Key) -> None:
    write(top, "root/broken.tf", 'data {\nresource "x" {{{\n')
    key()


@pytest.mark.parametrize(
    ("call", "kept"),
    [
        ('source = "acme/network/aws"\n version = "1.2.3"', True),
        ('source = "acme/network/aws"\n version = "~> 1.2"', False),
        ('source = "acme/network/aws"', False),
        ('source = "git::ssh://example.com/network.git?ref=v1.2.3"', True),
        ('source = "git::ssh://example.com/network.git"', False),
    ],
)
def test_a_module_from_elsewhere_has_a_key_only_where_it_is_pinned(tmp_path: Path, call: str, kept: bool) -> None:
    (tmp_path / "main.tf").write_text(f'module "network" {{\n {call}\n}}\n')
    assert (fingerprint(tmp_path, (), {}) is not None) is kept


@pytest.mark.parametrize("folder", [".venv", "node_modules", ".mypy_cache"])
def test_what_tools_keep_beside_the_configuration_does_not_change_the_key(tmp_path: Path, folder: str) -> None:
    before = fingerprint(tmp_path, (), {})
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "file").write_text("anything")
    assert fingerprint(tmp_path, (), {}) == before
