from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from stackproof.errors import TerraformError
from stackproof.terraform import locate
from stackproof.terraform.configuration import child_environment, write_cli_configuration
from stackproof.terraform.runner import Terraform
from stackproof.terraform.workspace import OVERRIDE, OVERRIDE_NAME, link_copy, repository_top

FILES = {
    "infra/main.tf": 'module "net" {\n  source = "../modules/net"\n}\n',
    "infra/backend.tf": 'terraform {\n  backend "s3" {\n    bucket = "b"\n    key = "k"\n    region = "x"\n  }\n}\n',
    "infra/templates/user.tpl": "hello",
    "infra/.terraform.lock.hcl": "# locked\n",
    "infra/.terraform/terraform.tfstate": "{}",
    "infra/terraform.tfstate": '{"version": 4}',
    "infra/terraform.tfstate.backup": "{}",
    "infra/terraform.tfstate.d/blue/terraform.tfstate": "{}",
    "infra/prod.tfvars": "x = 1\n",
    "modules/net/main.tf": 'output "id" {\n  value = file("${path.module}/../../shared.txt")\n}\n',
    "modules/net/kept.tfstate": "{}",
    "shared.txt": "shared",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    top = tmp_path / "repository"
    for name, text in FILES.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text, encoding="utf-8")
    (top / ".git").mkdir()
    return top


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode,
            path.stat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in folder.rglob("*")
    }


@pytest.fixture
def copied(repository: Path, tmp_path: Path) -> Path:
    return link_copy(repository / "infra", tmp_path / "copy", with_state=False)


def test_the_copy_has_the_configuration_and_its_subfolders(copied: Path) -> None:
    for name in ("main.tf", "backend.tf", "prod.tfvars", "templates/user.tpl"):
        assert (copied / name).read_text(encoding="utf-8") == FILES[f"infra/{name}"]


def test_relative_modules_and_files_are_reached_as_in_the_original(copied: Path) -> None:
    net = copied / "../modules/net"
    assert (net / "main.tf").read_text(encoding="utf-8") == FILES["modules/net/main.tf"]
    assert (Path(os.path.normpath(net)) / "../../shared.txt").read_text(encoding="utf-8") == "shared"


def test_state_and_working_files_are_left_out(copied: Path) -> None:
    assert {path.name for path in copied.iterdir()} == {
        "main.tf",
        "backend.tf",
        "prod.tfvars",
        "templates",
        OVERRIDE_NAME,
    }


def test_only_the_root_modules_state_is_left_out(copied: Path) -> None:
    assert (copied / "../modules/net/kept.tfstate").exists()


def test_with_state_the_state_stays_and_nothing_is_overridden(repository: Path, tmp_path: Path) -> None:
    copy = link_copy(repository / "infra", tmp_path / "copy", with_state=True)
    assert (copy / "terraform.tfstate").exists()
    assert (copy / "terraform.tfstate.d/blue/terraform.tfstate").exists()
    for name in (OVERRIDE_NAME, ".terraform", ".terraform.lock.hcl"):
        assert not (copy / name).exists()


def test_the_override_is_read_last_of_all(copied: Path) -> None:
    assert (copied / OVERRIDE_NAME).read_text(encoding="utf-8") == OVERRIDE
    assert OVERRIDE_NAME.endswith("_override.tf")
    assert max(OVERRIDE_NAME, "override.tf", "my_override.tf") == OVERRIDE_NAME


@pytest.fixture
def terraform(tmp_path: Path) -> Callable[[Path], Terraform]:
    write_cli_configuration(tmp_path / "rc", [], registry=False)
    environment = child_environment(
        os.environ, cli_configuration=tmp_path / "rc", data_folder=tmp_path / "data", home=tmp_path
    )
    cli = locate.locate()
    return lambda folder: Terraform(cli, folder, environment, timeout=60)


def test_terraform_itself_takes_the_copy_and_leaves_the_original_alone(
    repository: Path, copied: Path, tmp_path: Path, terraform: Callable[[Path], Terraform]
) -> None:
    before = snapshot(repository)
    terraform(copied).init()
    assert terraform(copied).plan(tmp_path / "plan") is False
    assert snapshot(repository) == before
    backend = json.loads((tmp_path / "data/terraform.tfstate").read_text(encoding="utf-8"))["backend"]
    assert backend["type"] == "local"


def test_making_the_copy_changes_nothing_in_the_original(repository: Path, tmp_path: Path) -> None:
    before = snapshot(repository)
    link_copy(repository / "infra", tmp_path / "copy", with_state=False)
    assert snapshot(repository) == before


def test_a_root_module_at_the_top_of_its_repository_is_copied_too(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / ".git").mkdir(parents=True)
    (top / "main.tf").write_text("# root\n", encoding="utf-8")
    copy = link_copy(top, tmp_path / "copy", with_state=False)
    assert (copy / "main.tf").read_text(encoding="utf-8") == "# root\n"


def test_a_deep_root_module_keeps_every_folder_on_the_way(tmp_path: Path) -> None:
    root = tmp_path / "top/live/prod/eu"
    root.mkdir(parents=True)
    (tmp_path / "top/.git").write_text("gitdir: elsewhere", encoding="utf-8")
    (tmp_path / "top/live/common.txt").write_text("common", encoding="utf-8")
    copy = link_copy(root, tmp_path / "copy", with_state=False)
    assert copy == tmp_path / "copy/live/prod/eu"
    assert (copy / "../../common.txt").resolve() == tmp_path / "top/live/common.txt"
    assert not copy.is_symlink()
    assert not copy.parent.is_symlink()


def test_the_top_is_the_work_tree_else_the_folder_above(tmp_path: Path) -> None:
    root = tmp_path / "a/b"
    root.mkdir(parents=True)
    assert repository_top(root) == tmp_path / "a"
    (tmp_path / ".git").touch()
    assert repository_top(root) == tmp_path


def test_a_tree_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(TerraformError, match="cannot be copied for planning"):
        link_copy(tmp_path / "none/root", tmp_path / "copy", with_state=False)
