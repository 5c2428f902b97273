from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof import StackproofError, Undecided, Verdict


@given(st.lists(st.sampled_from(Verdict), min_size=1))
def test_one_fail_fails_the_whole_and_one_undecided_leaves_it_undecided(verdicts: list[Verdict]) -> None:
    if Verdict.FAIL in verdicts:
        assert Verdict.worst(verdicts) is Verdict.FAIL
    elif Verdict.UNDECIDED in verdicts:
        assert Verdict.worst(verdicts) is Verdict.UNDECIDED
    else:
        assert Verdict.worst(verdicts) is Verdict.PASS


def test_nothing_asked_proves_nothing() -> None:
    with pytest.raises(ValueError, match="no verdict"):
        Verdict.worst([])


def test_a_verdict_reads_as_its_word() -> None:
    assert [str(verdict) for verdict in Verdict] == ["pass", "fail", "undecided"]


def test_undecided_names_address_path_and_reason() -> None:
    undecided = Undecided("aws_vpc.this", "cidr_block")
    assert str(undecided) == "aws_vpc.this: cidr_block is undecided (known after apply)"
    assert (undecided.address, undecided.path, undecided.reason) == ("aws_vpc.this", "cidr_block", "known after apply")


def test_undecided_without_a_path_speaks_of_the_address_alone() -> None:
    assert str(Undecided("output.id", "", "no state")) == "output.id is undecided (no state)"


def test_undecided_is_neither_a_failed_assertion_nor_an_error_to_mend() -> None:
    assert not issubclass(Undecided, AssertionError | StackproofError)
