from __future__ import annotations

import pytest

from stackproof.errors import SandboxError
from stackproof.sandbox.budget import check_budget
from stackproof.settings import Budget

PLANNED = (
    ("aws_sqs_queue.jobs", "aws_sqs_queue"),
    ("module.store.aws_s3_bucket.kept", "aws_s3_bucket"),
    ('module.store.aws_s3_bucket_policy.kept["a"]', "aws_s3_bucket_policy"),
)


def test_a_plan_within_its_budget_passes() -> None:
    check_budget(Budget(3, ("aws_sqs_*", "aws_s3_bucket*")), PLANNED)


def test_every_resource_of_a_type_outside_the_list_is_named_with_the_types_to_add() -> None:
    with pytest.raises(SandboxError) as caught:
        check_budget(Budget(100, ("aws_s3_bucket",)), PLANNED)
    message = str(caught.value)
    assert "2 planned resources are not of an allowed type" in message
    assert "aws_sqs_queue.jobs" in message
    assert 'module.store.aws_s3_bucket_policy.kept["a"]' in message
    assert "module.store.aws_s3_bucket.kept" not in message.split("Where")[0]
    assert 'add "aws_s3_bucket_policy", "aws_sqs_queue"' in message


def test_too_many_resources_are_refused_with_both_numbers() -> None:
    with pytest.raises(SandboxError, match=r"max_resources: 3 resources are planned, and 2 are allowed"):
        check_budget(Budget(2, ("*",)), PLANNED)


def test_a_budget_that_was_never_declared_allows_nothing() -> None:
    with pytest.raises(SandboxError, match="1 planned resource is not of an allowed type"):
        check_budget(Budget(), PLANNED[:1])


def test_nothing_planned_is_within_any_budget() -> None:
    check_budget(Budget(), ())


def test_the_same_resource_told_twice_counts_once() -> None:
    check_budget(Budget(1, ("*",)), [PLANNED[0], PLANNED[0]])


def test_patterns_mind_case() -> None:
    with pytest.raises(SandboxError, match="not of an allowed type"):
        check_budget(Budget(9, ("AWS_SQS_*",)), PLANNED[:1])
