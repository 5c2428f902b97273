"""What a rule may ask of a resource, beside its values."""

from __future__ import annotations

import pytest

from stackproof.policy.about import About, Severity
from stackproof.policy.case import Case
from stackproof.policy.facts import Facts
from stackproof.verdict import Undecided

from .planned import Planned, plan_of

ABOUT = About("T_004", "title", Severity.LOW, "why", "remedy", "https://example.com")
QUEUE = "aws_sqs_queue.a"
POLICY = "aws_sqs_queue_redrive_policy"
QUEUES = (Planned(QUEUE, unknown=("id",)), Planned("aws_sqs_queue.b", unknown=("id",)))
POSSIBLE = Planned(
    f"{POLICY}.possible", refers={"queue_url": [f"{QUEUE}.id", QUEUE, "aws_sqs_queue.b.id", "aws_sqs_queue.b"]}
)


def case(*entries: Planned) -> Case:
    """The case of the first of some resources."""
    stack = plan_of(*entries).resolved
    return Case(ABOUT, stack[entries[0].address], Facts(stack), {})


def test_the_paths_of_blocks_count_them() -> None:
    table = case(
        Planned("aws_dynamodb_table.a", {"replica": [{"region_name": "a"}, {"region_name": "b"}]}),
        Planned("aws_dynamodb_table.b", {"replica": [{"region_name": "c"}]}),
    )
    assert table.block_paths("replica") == ["replica[0]", "replica[1]"]
    assert table.block_paths("attribute") == []
    assert table.block_paths("replica", of=table.stack["aws_dynamodb_table.b"]) == ["replica[0]"]


def test_nobody_knows_the_paths_of_blocks_that_are_not_known() -> None:
    with pytest.raises(Undecided):
        case(Planned("aws_dynamodb_table.a", refers={"replica": ["var.replicas"]})).block_paths("replica")


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (Planned("aws_sqs_queue.b", refers={"redrive_policy": [f"{QUEUE}.arn", QUEUE]}), True),
        (Planned("aws_sqs_queue.b", refers={"kms_master_key_id": [f"{QUEUE}.arn", QUEUE]}), False),
        (Planned("aws_sqs_queue.b", refers={"redrive_policy": ["aws_sqs_queue.c.arn", "aws_sqs_queue.c"]}), False),
        (Planned("aws_lambda_function.b", refers={"redrive_policy": [f"{QUEUE}.arn", QUEUE]}), False),
    ],
)
def test_another_names_a_resource_in_the_argument_of_its_type(other: Planned, expected: bool) -> None:
    third = Planned("aws_sqs_queue.c", {"name": "c"}, unknown=("arn",))
    queue = case(Planned(QUEUE, {"name": "a"}, unknown=("arn",)), other, third)
    assert queue.is_named_by({"aws_sqs_queue": "redrive_policy", "aws_lambda_function": "dead_letter"}) is expected


def test_what_all_must_keep_is_undecided_where_another_resource_may_be_one_of_them() -> None:
    certain = Planned(f"{POLICY}.certain", refers={"queue_url": [f"{QUEUE}.id", QUEUE]})
    queue = case(*QUEUES, certain, POSSIBLE)
    assert [each.address for each in queue.companions(POLICY, "queue_url")] == [certain.address]
    every = queue.every_companion(POLICY, "queue_url")
    assert next(every).address == certain.address
    with pytest.raises(Undecided, match="whether it is for"):
        next(every)


def test_one_that_may_be_is_undecided_where_there_is_none_for_certain() -> None:
    with pytest.raises(Undecided, match="whether it is for"):
        case(*QUEUES, POSSIBLE).companions(POLICY, "queue_url")
