"""The examples work as they stand: a user's first look is at one of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def passes(folder: Path, home: Path, *words: str) -> str:
    """What an example's tests print; they pass, and leave no trace in its folder."""
    before = sorted(folder.rglob("*"))
    environment = {**os.environ, "XDG_CACHE_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert sorted(folder.rglob("*")) == before
    return done.stdout


@pytest.mark.parametrize(
    "folder", sorted(file.parent for file in EXAMPLES.glob("*/pyproject.toml")), ids=lambda f: f.name
)
def test_an_example_passes_its_own_tests_and_leaves_its_folder_alone(folder: Path, tmp_path: Path) -> None:
    assert "passed" in passes(folder, tmp_path).splitlines()[-1]


@pytest.mark.nightly
@pytest.mark.parametrize(
    "folder", sorted(found.parent for found in EXAMPLES.glob("*/integration")), ids=lambda f: f.name
)
def test_an_example_lives_and_ends_in_the_sandbox(folder: Path, tmp_path: Path) -> None:
    printed = passes(folder, tmp_path, "integration")
    told = dict(
        line.split(maxsplit=1) for line in printed.splitlines() if line.startswith("  ") and " " in line.strip()
    )
    assert (told["idempotent"], told["leaks"]) == ("yes", "0")
