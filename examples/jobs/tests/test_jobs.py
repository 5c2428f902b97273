"""What a worker may do, and to what."""

from stackproof import Access, Stack


def test_the_worker_takes_jobs_and_sends_none(access: Access) -> None:
    assert access.can("aws_iam_role.worker", "sqs:ReceiveMessage", "aws_sqs_queue.jobs")
    assert not access.can("aws_iam_role.worker", "sqs:SendMessage", "aws_sqs_queue.jobs")


def test_progress_can_be_restored(stack: Stack) -> None:
    assert stack.resource("aws_dynamodb_table")["point_in_time_recovery[0].enabled"] is True
