"""The examples work as they stand: a user's first look is at one of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.parametrize(
    "folder", sorted(file.parent for file in EXAMPLES.glob("*/pyproject.toml")), ids=lambda f: f.name
)
def test_an_example_passes_its_own_tests_and_leaves_its_folder_alone(folder: Path, tmp_path: Path) -> None:
    before = sorted(folder.rglob("*"))
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout.splitlines()[-1]
    assert sorted(folder.rglob("*")) == before
