"""Buckets refuse requests without TLS, for themselves and for their objects."""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.analysis.access.documents.documents import PolicyKind
from stackproof.analysis.access.evaluation.conditions import hold
from stackproof.analysis.access.evaluation.context import Context
from stackproof.analysis.access.patterns.truth import Maybe
from stackproof.policy.rule import Rule
from stackproof.policy.statements import About, Case, Effect, Severity, Statement
from stackproof.verdict import Undecided

PLAIN = Context({"aws:SecureTransport": False}, complete=True)
"""What conditions see of a request in plain HTTP that nothing else is said of."""


class BucketRefusesPlainHttp(Rule):
    """S3 takes no bucket policy about another bucket, so that only the ends of resources tell what they name."""

    about = About(
        id="SP_TLS_004",
        title="S3 buckets refuse plain HTTP",
        severity=Severity.MEDIUM,
        types=("aws_s3_bucket",),
        why="S3 answers plain HTTP, too, and whoever is on the path reads objects and signed requests",
        remedy='deny s3:* to everybody on the bucket and its objects where "aws:SecureTransport" is false',
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html",
    )

    def judge(self, case: Case) -> None:
        read = case.facts.documents.read
        attached = [
            read(each, "policy", PolicyKind.RESOURCE) for each in case.companions("aws_s3_bucket_policy", "bucket")
        ]
        policies = [policy for policy in (*attached, case.policy("policy", PolicyKind.RESOURCE)) if policy]
        refused = {part for policy in policies for each in policy.statements for part in self._refused(each)}
        open_parts = [part for part in ("the bucket", "its objects") if part not in refused]
        if not open_parts:
            return
        for policy in policies:
            if policy.undecided:
                raise Undecided(policy.holder, policy.path, policy.undecided)
        case.fail(f"nothing denies plain HTTP to {' and '.join(open_parts)}")

    @staticmethod
    def _refused(statement: Statement) -> Iterator[str]:
        """To what of the bucket a statement denies everybody everything over plain HTTP."""
        is_for_all = "*" in [principal.value for principal in statement.principals or ()]
        is_of_all = any(action.lower() in ("*", "s3:*") for action in statement.actions)
        if statement.effect is Effect.DENY and is_for_all and is_of_all and _holds(statement):
            for resource in statement.resources:
                _, slash, key = resource.partition("/")
                if not slash:
                    yield "the bucket"
                if resource.endswith("*") and key in ("", "*"):
                    yield "its objects"


def _holds(statement: Statement) -> bool:
    """Whether the conditions hold for a request in plain HTTP."""
    truth = hold(statement.conditions, PLAIN)
    if isinstance(truth, Maybe):
        raise Undecided(statement.policy.holder, statement.policy.path, truth.reason)
    return truth


check = BucketRefusesPlainHttp()
