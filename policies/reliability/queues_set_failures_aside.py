"""Queues set aside messages that cannot be processed."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

SENDERS = {
    "aws_cloudwatch_event_bus": "dead_letter_config",
    "aws_cloudwatch_event_target": "dead_letter_config",
    "aws_lambda_event_source_mapping": "destination_config",
    "aws_lambda_function": "dead_letter_config",
    "aws_lambda_function_event_invoke_config": "destination_config",
    "aws_pipes_pipe": "source_parameters",
    "aws_scheduler_schedule": "target",
    "aws_sns_topic_subscription": "redrive_policy",
    "aws_sqs_queue": "redrive_policy",
    "aws_sqs_queue_redrive_policy": "redrive_policy",
}
"""What sends its failures to a dead-letter queue, and where it names that."""


class QueuesSetFailuresAside(Rule):
    about = About(
        id="SP_REL_017",
        title="SQS queues have a dead-letter queue, or are one",
        severity=Severity.LOW,
        types=("aws_sqs_queue",),
        why="a message that cannot be processed is tried again and again until it expires, and nobody sees it",
        remedy="set redrive_policy with deadLetterTargetArn and maxReceiveCount",
        source="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
    )

    def judge(self, case: Case) -> None:
        has_one = case.given("redrive_policy") or case.companions("aws_sqs_queue_redrive_policy", "queue_url")
        if not has_one and not case.is_named_by(SENDERS):
            case.fail("messages that fail are set aside nowhere")


check = QueuesSetFailuresAside()
