from __future__ import annotations

from pathlib import Path

import pytest

from stackproof.errors import TerraformError
from stackproof.terraform.lockfile import FILE_NAME, LockedProvider, read_lock_file

WHOLE = """\
# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.

provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.0"
  constraints = ">= 5.100.0, < 7.0.0"
  hashes = [
    "h1:Ijt7pOlB7Tr7maGQIqtsLFbl7pSMIj06TVdkoSBcYOw=",
    "zh:054b8dd49f0549c9a7cc27d159e45327b7b65cf404da5e5a20da154b90b8a644",
  ]
}

provider "registry.terraform.io/hashicorp/random" {
  version = "3.6.0"
}
"""


def test_every_provider_has_address_version_and_hashes(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(WHOLE, encoding="utf-8")
    assert read_lock_file(tmp_path) == (
        LockedProvider(
            "registry.terraform.io/hashicorp/aws",
            "5.100.0",
            (
                "h1:Ijt7pOlB7Tr7maGQIqtsLFbl7pSMIj06TVdkoSBcYOw=",
                "zh:054b8dd49f0549c9a7cc27d159e45327b7b65cf404da5e5a20da154b90b8a644",
            ),
        ),
        LockedProvider("registry.terraform.io/hashicorp/random", "3.6.0", ()),
    )


def test_without_a_lock_file_nothing_is_locked(tmp_path: Path) -> None:
    assert read_lock_file(tmp_path) == ()


def test_a_lock_file_of_comments_locks_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("# maintained automatically\n", encoding="utf-8")
    assert read_lock_file(tmp_path) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('provider "a/b/c" {\n  hashes = []\n}\n', "provider a/b/c has no version. Run terraform init."),
        ('provider "a/b/c" {\n  version = "1.0', "holds no readable provider block. Run terraform init."),
        ("<<<<<<< HEAD\nprovider\n=======\n", "holds no readable provider block. Run terraform init."),
    ],
    ids=["no version", "cut", "merge conflict"],
)
def test_a_damaged_lock_file_is_refused_with_its_path(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(TerraformError) as caught:
        read_lock_file(tmp_path)
    assert str(caught.value) == f"{tmp_path / FILE_NAME}: {says}"


def test_a_lock_file_that_is_no_text_is_refused_with_its_path(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TerraformError, match=r"\.terraform\.lock\.hcl: cannot be read"):
        read_lock_file(tmp_path)
