"""What a resolved plan says is what an apply makes true."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from .conftest import Truth

# the botocore that checkov asks for is older than the warning
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def test_values_agree_with_the_wiring_of_every_argument(truth: Truth) -> None:
    found = [told for told in truth.checked.disagreements if (told.address, told.path) not in truth.case.unlike]
    assert not found, "\n".join(map(str, found))


def test_documents_are_stored_as_they_were_planned(truth: Truth) -> None:
    assert not truth.compared.disagreements, "\n".join(truth.compared.disagreements)


def test_no_less_is_compared_than_before(truth: Truth) -> None:
    *compared, undecided = astuple(truth.figures)
    *least, most = astuple(truth.case.least)
    assert all(now >= before for now, before in zip(compared, least, strict=True)), truth.figures
    assert undecided <= most, truth.figures


def test_every_exception_is_needed(truth: Truth) -> None:
    told = {(told.address, told.path) for told in truth.checked.disagreements}
    assert truth.case.unlike.keys() <= told
