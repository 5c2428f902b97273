"""Smoke tests as a person runs them, where nothing but pytest and requests is installed."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HANGS_SECONDS = 120
NEEDED = (
    *("pytest", "pluggy", "iniconfig", "packaging", "pygments"),
    *("requests", "urllib3", "idna", "certifi", "charset-normalizer"),
)
"""pytest and requests with what they need."""


@dataclass(frozen=True)
class Outcome:
    """How a run of the smoke tests ended."""

    code: int
    said: str
    seconds: float

    @property
    def problems(self) -> list[str]:
        """The sentences of the failed tests."""
        return re.findall(r"^(?:FAILED|ERROR) smoke/\S+(?:::\S+)? - (?:Failed: )?(.*)$", self.said, re.MULTILINE)

    @property
    def failed(self) -> set[str]:
        """The names of the failed tests, without parameters."""
        return set(re.findall(r"^(?:FAILED|ERROR) smoke/\w+\.py::(\w+)", self.said, re.MULTILINE))

    def require_plain_words(self) -> None:
        """No code is shown, neither that of a test nor that of a library."""
        assert "During handling" not in self.said
        assert not re.search(r"^E  |^(?:smoke/|/).*\.py:\d+: |File .*, line \d+", self.said, re.MULTILINE), self.said


Smoke = Callable[..., Outcome]


@pytest.fixture(scope="session")
def thin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pytest and requests, for a Python that sees no other packages."""
    folder = tmp_path_factory.mktemp("thin")
    for name in NEEDED:
        installed = importlib.metadata.distribution(name)
        tops = {file.parts[0] for file in installed.files or ()} - {"..", "__pycache__"}
        for top in tops:
            (folder / top).symlink_to(str(installed.locate_file(top)))
    return folder


@pytest.fixture(scope="session")
def smoke(thin: Path) -> Smoke:
    """Run the smoke tests with these options, without any package that they do not need."""

    def run(*options: str, env: dict[str, str] | None = None, everything: bool = False) -> Outcome:
        words = [sys.executable, "-m", "pytest", "smoke", "-rfE", "-p", "no:cacheprovider", *options]
        # as wide as every message, which pytest cuts otherwise
        variables = os.environ | {"NO_PROXY": "*", "COLUMNS": "1000"} | (env or {})
        if not everything:
            words.insert(1, "-S")
            variables["PYTHONPATH"] = str(thin)
        began = time.monotonic()
        done = subprocess.run(
            words, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=HANGS_SECONDS, check=False
        )
        return Outcome(done.returncode, done.stdout + done.stderr, time.monotonic() - began)

    return run
