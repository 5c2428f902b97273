"""The stack as it is in an account, through its whole life."""

from stackproof import Trial


def test_a_job_can_be_sent_and_taken(trial: Trial) -> None:
    queue, address = trial.client("sqs"), trial.deployment.outputs["queue_url"]
    queue.send_message(QueueUrl=address, MessageBody="add 1 and 1")
    assert queue.receive_message(QueueUrl=address)["Messages"][0]["Body"] == "add 1 and 1"


def test_it_is_applied_once_and_for_all(trial: Trial) -> None:
    trial.require_no_changes()


def test_nothing_is_left(destroyed: Trial) -> None:
    destroyed.require_nothing_left()
