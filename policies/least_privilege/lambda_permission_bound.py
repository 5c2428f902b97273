"""Functions are invoked on behalf of known accounts or resources."""

from __future__ import annotations

import re

from stackproof.policy.rule import About, Case, Rule, Severity

LIMITS = ("source_account", "principal_org_id", "event_source_token")

NOT_OF_ANY_ACCOUNT = re.compile(r"(?!([^:]*:){4}[^:]*[*?]).+")
"""ARNs without a wildcard in the account; the provider refuses such a one, but HCL alone may hold it."""


class LambdaPermissionBound(Rule):
    about = About(
        id="SP_IAM_012",
        title="Lambda functions are invoked on behalf of known accounts or resources only",
        severity=Severity.HIGH,
        types=("aws_lambda_permission",),
        why="anybody can invoke the function, by themselves or through a service that they use as well",
        remedy="set source_arn, for S3 source_account as well, or principal_org_id where the principal is everybody",
        source="https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",
    )

    def judge(self, case: Case) -> None:
        principal = str(case.given("principal"))
        is_wide = principal == "*" or ".amazonaws.com" in principal
        if is_wide and not _is_bound(case):
            case.fail(f"{principal} may invoke it on behalf of anybody", "principal")
        elif principal.startswith("s3.") and not case.given("source_account"):
            # the ARN of a bucket tells no account, and somebody else may have the name one day
            case.fail("a bucket of that name may be anybody's: there is no source_account", "principal")


def _is_bound(case: Case) -> bool:
    source = case.given("source_arn", "")
    return any(case.given(limit) for limit in LIMITS) or NOT_OF_ANY_ACCOUNT.fullmatch(str(source)) is not None


check = LambdaPermissionBound()
