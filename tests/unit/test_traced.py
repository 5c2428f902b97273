"""Texts with tokens in them: what they equal, and when that cannot be told."""

import pytest

from stackproof import Undecided
from stackproof.plan.wiring import Feed, Traced

ROLE = Traced(
    "arn:aws:iam::123456789012:role/task", (Feed("aws_iam_role.task", "arn"),), "aws_lambda_function.f", "role"
)
GROUP = Traced("sg-0123", (Feed("aws_security_group.this", "id"),), "aws_lb.this", "security_groups[0]")


def test_equal_tokens_are_equal() -> None:
    again = Traced(str.__str__(ROLE), ROLE.feeds, "aws_ecs_task_definition.t", "task_role_arn")
    assert again == ROLE
    assert ROLE != GROUP


@pytest.mark.parametrize("other", ["arn:aws:iam::123456789012:role/task", "arn:aws:iam::123456789012:role/x"])
def test_what_an_arn_will_be_is_not_known(other: str) -> None:
    with pytest.raises(Undecided):
        assert other == ROLE


def test_what_an_id_will_be_is_not_known() -> None:
    with pytest.raises(Undecided):
        assert GROUP == "sg-4567"


@pytest.mark.parametrize("other", ["*", "task", "sg-0123", ""])
def test_an_arn_is_known_to_be_nothing_that_is_no_arn(other: str) -> None:
    assert other != ROLE
    assert ["*", other] != ["*", ROLE]


def test_an_id_is_known_not_to_be_empty() -> None:
    assert GROUP != ""
