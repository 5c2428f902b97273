from __future__ import annotations

from pathlib import Path

import pytest

from stackproof.errors import SettingsError
from stackproof.requirements import load_requirements


def written(folder: Path, text: str) -> Path:
    file = folder / "requirements.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_sentences_keep_their_order_and_the_tests_lie_beside_them(tmp_path: Path) -> None:
    (tmp_path / "plan").mkdir()
    text = 'tests = "plan"\n[requirements]\nVPC-2 = "Two zones."\nVPC-1 = "One VPC."\n'
    requirements = load_requirements(written(tmp_path, text))
    assert list(requirements.sentences.items()) == [("VPC-2", "Two zones."), ("VPC-1", "One VPC.")]
    assert requirements.tests == tmp_path / "plan"


def test_without_a_folder_the_tests_lie_in_the_same_one(tmp_path: Path) -> None:
    assert load_requirements(written(tmp_path, "[requirements]\n")).tests == tmp_path


def test_what_no_test_carries_is_uncovered(tmp_path: Path) -> None:
    requirements = load_requirements(written(tmp_path, "[requirements]\nA-1 = 'a'\nA-2 = 'b'\nA-3 = 'c'\n"))
    assert requirements.uncovered(["A-2", "B-9"]) == ("A-1", "A-3")
    assert requirements.uncovered(["A-1", "A-2", "A-3"]) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("test = 'plan'\n", "[test]: unknown key. Known keys: tests, requirements."),
        ("tests = 'nowhere'\n", "[tests]: 'nowhere' is no folder beside it"),
        ("tests = 1\n", "[tests]: 1 is no folder beside it"),
        ("requirements = 'all'\n", "[requirements]: must map numbers to sentences"),
        ("[requirements]\nA-1 = 1\n", "[requirements]: must map numbers to sentences"),
        ("[requirements]\nA-1 = ''\n", "[requirements]: must map numbers to sentences"),
        ("[requirements\n", "cannot be read"),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_requirements(file)
    assert str(caught.value).startswith(str(file))
    assert says in str(caught.value)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_requirements(tmp_path / "none.toml")
