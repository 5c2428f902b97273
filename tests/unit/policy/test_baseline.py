"""A baseline hides what was there, nothing new, and forgets what is mended."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from stackproof.errors import PolicyError
from stackproof.plan.source import Place
from stackproof.policy.about import About, Severity
from stackproof.policy.baseline import read_baseline, write_baseline
from stackproof.policy.finding import Finding
from stackproof.verdict import Verdict

ABOUT = About("T_001", "title", Severity.LOW, "why", "remedy", "https://example.com")
KNOWN = Finding(ABOUT, Verdict.FAIL, "aws_x.a", "it is open", "rule[0]", Place(Path("main.tf"), 3), (), ("dev", "prod"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "baseline.json"
    assert write_baseline(file, [KNOWN]) == 2
    return file


def test_what_is_known_is_covered_on_whatever_line_it_is(file: Path) -> None:
    found = read_baseline(file)
    assert found.covers(replace(KNOWN, place=Place(Path("other.tf"), 99)), "dev")
    assert "main.tf" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("new", "environment"),
    [
        (replace(KNOWN, path="rule[1]"), "dev"),
        (replace(KNOWN, message="it is wide open"), "dev"),
        (replace(KNOWN, address="aws_x.b"), "dev"),
        (replace(KNOWN, rule=replace(ABOUT, id="T_002")), "dev"),
        (KNOWN, "staging"),
    ],
)
def test_nothing_new_hides_behind_what_is_known(file: Path, new: Finding, environment: str) -> None:
    assert not read_baseline(file).covers(new, environment)


def test_what_is_mended_is_forgotten(file: Path) -> None:
    found = read_baseline(file)
    found.covers(KNOWN, "dev")
    assert found.mended == 1
    found.shrink()
    again = read_baseline(file)
    assert again.covers(KNOWN, "dev")
    assert not again.covers(KNOWN, "prod")


def test_a_baseline_that_is_all_needed_is_left_alone(file: Path) -> None:
    found = read_baseline(file)
    found.covers(KNOWN, "dev")
    found.covers(KNOWN, "prod")
    before = file.stat().st_mtime_ns
    found.shrink()
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2, "findings": []}', '{"version": 1, "findings": [{}]}'])
def test_a_file_that_holds_no_baseline_is_refused(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError):
        read_baseline(file)


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be written"):
        write_baseline(tmp_path / "nowhere/baseline.json", [KNOWN])


def test_files_are_sorted_so_that_changes_read_well(tmp_path: Path) -> None:
    other = replace(KNOWN, address="aws_x.0")
    write_baseline(tmp_path / "a", [KNOWN, other])
    write_baseline(tmp_path / "b", [other, KNOWN])
    assert (tmp_path / "a").read_text(encoding="utf-8") == (tmp_path / "b").read_text(encoding="utf-8")
    assert len(json.loads((tmp_path / "a").read_text(encoding="utf-8"))["findings"]) == 4
