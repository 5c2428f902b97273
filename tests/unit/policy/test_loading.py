"""Rules are found by their files' syntax; a file that cannot be used is named, and the others stand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stackproof.errors import PolicyError
from stackproof.policy.loading import RuleFile, index, load

from .conftest import WriteRule


def test_rules_are_listed_by_id_without_being_imported(tmp_path: Path, write_rule: WriteRule) -> None:
    second, first = write_rule("T_002"), write_rule("T_001")
    before = set(sys.modules)
    found = index([tmp_path / "rules"])
    assert found.files == (RuleFile("T_001", first), RuleFile("T_002", second))
    assert not found.problems
    assert not [name for name in set(sys.modules) - before if name.startswith("stackproof_policies")]


def test_what_cannot_be_used_is_named_and_the_others_stand(tmp_path: Path, write_rule: WriteRule) -> None:
    write_rule("T_001")
    write_rule("T_001", name="twice.py")
    (tmp_path / "rules/broken.py").write_text("def judge(:\n", encoding="utf-8")
    (tmp_path / "rules/empty.py").write_text('"""No rule."""\n', encoding="utf-8")
    (tmp_path / "rules/_shared.py").write_text("NAMES = ()\n", encoding="utf-8")
    (tmp_path / "rules/binary.py").write_bytes(b"\xff\xfe\x00")
    found = index([tmp_path / "rules"])
    assert [file.id for file in found.files] == ["T_001"]
    named = sorted(problem.removeprefix(f"{tmp_path}/rules/").split(":")[0] for problem in found.problems)
    assert named == ["binary.py", "broken.py", "empty.py", "twice.py"]
    assert any("T_001 is the id of" in problem for problem in found.problems)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no such folder"):
        index([tmp_path / "nowhere"])


def test_folders_that_are_links_are_followed_once(tmp_path: Path, write_rule: WriteRule) -> None:
    write_rule("T_001")
    (tmp_path / "link").symlink_to(tmp_path / "rules")
    (tmp_path / "rules/round").symlink_to(tmp_path / "rules")
    found = index([tmp_path / "link"])
    assert [file.id for file in found.files] == ["T_001"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("import nothing_of_that_name\nfrom x import About\nAbout(id='T_9')\n", "ModuleNotFoundError"),
        (
            "from stackproof.policy.rule import About\nABOUT = dict\nif False:\n    About(id='T_9')\n",
            "there are 0 rules",
        ),
        ("1 / 0\nAbout(id='T_9')\n", "ZeroDivisionError"),
    ],
)
def test_a_rule_that_cannot_be_loaded_says_why(tmp_path: Path, text: str, what: str) -> None:
    file = tmp_path / "rule.py"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=what) as told:
        load(RuleFile("T_9", file))
    assert told.value.where == str(file)
    with pytest.raises(PolicyError, match=what):  # and says it again
        load(RuleFile("T_9", file))
