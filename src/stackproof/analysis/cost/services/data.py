"""Data: secrets, keys, buckets, tables, queues, topics.

https://aws.amazon.com/secrets-manager/pricing/, https://aws.amazon.com/kms/pricing/, https://aws.amazon.com/s3/pricing/,
https://aws.amazon.com/dynamodb/pricing/, https://aws.amazon.com/sqs/pricing/, https://aws.amazon.com/sns/pricing/
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from stackproof.analysis.cost.bill import Bill, Missing
from stackproof.analysis.cost.ranges import Range
from stackproof.analysis.cost.services.pricer import Pricer

MILLION = 1_000_000
_FREE_DELIVERIES = ("sqs", "lambda")


def _secret(bill: Bill) -> None:
    bill.monthly("secret", "secret")
    bill.used("calls", "secret.calls", "calls", per=10_000)


def _key(bill: Bill) -> None:
    """A rotated key costs as much again after its first rotation and after its second, and no more after that."""
    if bill.value("enable_key_rotation", False):
        basis = "one to three versions are paid for: it is rotated"
        bill.monthly("key", "kms.key", Range(Decimal(1), Decimal(3)), basis=basis)
    else:
        bill.monthly("key", "kms.key")
    bill.used("calls", "kms.calls", "calls", per=10_000)


def _bucket(bill: Bill) -> None:
    bill.used("storage", "s3.gb", "gb_stored")
    bill.used("writes and lists", "s3.writes", "writes", per=1000)
    bill.used("reads", "s3.reads", "reads", per=1000)


def _table(bill: Bill) -> None:
    mode = bill.text("billing_mode", "PROVISIONED")
    if mode == "PROVISIONED":
        bill.hourly("read capacity", "dynamodb.rcu", bill.number("read_capacity"))
        bill.hourly("write capacity", "dynamodb.wcu", bill.number("write_capacity"))
    elif mode == "PAY_PER_REQUEST":
        bill.used("reads", "dynamodb.reads", "reads", per=MILLION)
        bill.used("writes", "dynamodb.writes", "writes", per=MILLION)
    bill.used("storage", "dynamodb.gb", "gb_stored")
    if bill.value("point_in_time_recovery[0].enabled", False):
        bill.used("point-in-time recovery", "dynamodb.pitr.gb", "gb_stored")


def _queue(bill: Bill) -> None:
    key = "sqs.fifo" if bill.flag("fifo_queue") else "sqs.standard"
    bill.used("requests", key, "requests", per=MILLION)


def _topic(bill: Bill) -> None:
    if bill.flag("fifo_topic"):
        bill.gap(Missing.UNPRICED, "messages of a FIFO topic")
        return
    bill.used("messages", "sns.messages", "messages", per=MILLION)


def _subscription(bill: Bill) -> None:
    protocol = bill.text("protocol")
    if protocol in ("email", "email-json"):
        bill.used("e-mails", "sns.emails", "deliveries", per=100_000)
    elif protocol is not None and protocol not in _FREE_DELIVERIES:
        bill.gap(Missing.UNPRICED, f"deliveries by {protocol}")


def _function(bill: Bill) -> None:
    processors = bill.items("architectures") or ["x86_64"]
    memory = bill.number("memory_size", 128, least=128, most=10_240)
    calls, duration = bill.figure("calls"), bill.figure("ms_per_call")
    if calls is None or duration is None:
        return
    bill.monthly("requests", "lambda.requests", Range.exactly(calls.value / MILLION), by=(calls,))
    seconds = memory * (calls.value * duration.value / 1000 / 1024)
    key = "lambda.arm.gbs" if processors[0] == "arm64" else "lambda.x86.gbs"
    bill.monthly("duration", key, seconds, by=(calls, duration))


PRICERS: Mapping[str, Pricer] = {
    "aws_secretsmanager_secret": Pricer("Secrets Manager", _secret, {"calls": "API calls"}),
    "aws_kms_key": Pricer("KMS", _key, {"calls": "API calls"}),
    "aws_s3_bucket": Pricer(
        "S3",
        _bucket,
        {"gb_stored": "GB stored", "writes": "PUT, COPY, POST and LIST requests", "reads": "GET and other requests"},
    ),
    "aws_dynamodb_table": Pricer(
        "DynamoDB",
        _table,
        {"gb_stored": "GB stored", "reads": "read request units", "writes": "write request units"},
    ),
    "aws_sqs_queue": Pricer("SQS", _queue, {"requests": "requests"}),
    "aws_sns_topic": Pricer("SNS", _topic, {"messages": "messages published"}),
    "aws_sns_topic_subscription": Pricer("SNS", _subscription, {"deliveries": "e-mails"}),
    "aws_lambda_function": Pricer("Lambda", _function, {"calls": "calls", "ms_per_call": "milliseconds of a call"}),
}
