from __future__ import annotations

import pytest

import stackproof
from stackproof import errors
from stackproof.errors import StackproofError


def test_an_error_is_one_sentence_of_where_what_and_remedy() -> None:
    error = StackproofError("is empty", where="plan.json", remedy="make one.")
    assert str(error) == "plan.json: is empty. Make one."
    assert (error.what, error.where, error.remedy) == ("is empty", "plan.json", "make one.")


def test_an_error_without_place_or_remedy_is_what_happened() -> None:
    assert str(StackproofError("there is no stack")) == "there is no stack"


def test_a_full_stop_is_not_doubled_before_the_remedy() -> None:
    assert str(StackproofError("It failed.", remedy="try again.")) == "It failed. Try again."


def test_only_the_first_letter_of_a_remedy_is_raised() -> None:
    assert str(StackproofError("x", remedy="set TF_VAR_name.")) == "x. Set TF_VAR_name."


@pytest.mark.parametrize("kind", ["SettingsError", "TerraformError", "CacheError", "SandboxError", "PlanError"])
def test_every_error_for_people_can_be_caught_as_one(kind: str) -> None:
    assert issubclass(getattr(errors, kind), StackproofError)


@pytest.mark.parametrize("name", stackproof.__all__)
def test_the_package_gives_every_name_it_promises(name: str) -> None:
    assert getattr(stackproof, name).__name__ == name


def test_the_package_refuses_a_name_it_does_not_have() -> None:
    with pytest.raises(AttributeError, match="no attribute 'plam'"):
        stackproof.plam  # noqa: B018
