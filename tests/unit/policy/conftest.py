"""Rules of a test's own, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stackproof.settings import Policy

RULE = """
from stackproof.policy.rule import About, Case, Rule, Severity

class Named(Rule):
    about = About(
        id="{id}", title="Buckets have a name", severity=Severity.{severity}, types=("aws_s3_bucket",),
        why="nobody finds them", remedy="give each a name", source="https://example.com/{id}",
        options={{"forbidden": ""}},
    )

    def judge(self, case: Case) -> None:
{body}

check = Named()
"""

BODY = """
name = case.given("bucket")
if name is None or name == case.options["forbidden"]:
    case.fail("there is none", "bucket")
"""

WriteRule = Callable[..., Path]


@pytest.fixture
def write_rule(tmp_path: Path) -> WriteRule:
    """Write a rule about names of buckets, or with another body, to a folder `rules`."""

    def write(id: str = "T_001", body: str = BODY, *, name: str = "", severity: str = "HIGH") -> Path:
        folder = tmp_path / "rules"
        folder.mkdir(exist_ok=True)
        indented = "\n".join(f"        {line}" for line in body.strip().splitlines())
        file = folder / (name or f"{id.lower()}.py")
        file.write_text(RULE.format(id=id, severity=severity, body=indented), encoding="utf-8")
        return file

    return write


@pytest.fixture
def rules(tmp_path: Path, write_rule: WriteRule) -> Policy:
    """Settings with the one rule."""
    write_rule()
    return Policy((tmp_path / "rules",))
