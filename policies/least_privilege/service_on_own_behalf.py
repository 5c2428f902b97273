"""Services are let in on behalf of this account or of what the policy names, not of anybody."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from stackproof.policy.conditions import WHO, limited
from stackproof.policy.statements import (
    PRINCIPAL_TYPES,
    TRUST_TYPES,
    About,
    Case,
    Effect,
    PrincipalStatementRule,
    Severity,
    Statement,
    named,
)

_DOCS = "https://docs.aws.amazon.com/"
_PAGE = "cross-service-confused-deputy-prevention.html"

SENDING: Mapping[str, str] = {
    "amplify": f"{_DOCS}amplify/latest/userguide/{_PAGE}",
    "batch": f"{_DOCS}batch/latest/userguide/{_PAGE}",
    "bedrock": f"{_DOCS}bedrock/latest/userguide/{_PAGE}",
    "codebuild": f"{_DOCS}codebuild/latest/userguide/{_PAGE}",
    "codedeploy": f"{_DOCS}codedeploy/latest/userguide/security_confused_deputy.html",
    "cognito-idp": f"{_DOCS}cognito/latest/developerguide/{_PAGE}",
    "datasync": f"{_DOCS}datasync/latest/userguide/{_PAGE}",
    "dms": f"{_DOCS}dms/latest/userguide/{_PAGE}",
    "ecs-tasks": f"{_DOCS}AmazonECS/latest/developerguide/task-iam-roles.html",
    "events": f"{_DOCS}eventbridge/latest/userguide/{_PAGE}",
    "firehose": f"{_DOCS}firehose/latest/dev/{_PAGE}",
    "glue": f"{_DOCS}glue/latest/dg/{_PAGE}",
    "iot": f"{_DOCS}iot/latest/developerguide/{_PAGE}",
    "kendra": f"{_DOCS}kendra/latest/dg/{_PAGE}",
    "kinesisanalytics": f"{_DOCS}managed-flink/latest/java/iam-{_PAGE}",
    "logs": f"{_DOCS}AmazonCloudWatch/latest/logs/Subscriptions-confused-deputy.html",
    "monitoring.rds": f"{_DOCS}AmazonRDS/latest/UserGuide/{_PAGE}",
    "personalize": f"{_DOCS}personalize/latest/dg/{_PAGE}",
    "pipes": f"{_DOCS}eventbridge/latest/userguide/eb-pipes-permissions.html",
    "rds": f"{_DOCS}AmazonRDS/latest/UserGuide/{_PAGE}",
    "sagemaker": f"{_DOCS}sagemaker/latest/dg/security-confused-deputy-prevention.html",
    "scheduler": f"{_DOCS}scheduler/latest/UserGuide/{_PAGE}",
    "ssm": f"{_DOCS}systems-manager/latest/userguide/{_PAGE}",
    "states": f"{_DOCS}step-functions/latest/dg/procedure-create-iam-role.html",
    "transfer": f"{_DOCS}transfer/latest/userguide/confused-deputy.html",
    "vpc-flow-logs": f"{_DOCS}vpc/latest/userguide/flow-logs-iam-role.html",
}
"""Services that say on whose behalf they assume a role, and where AWS tells; there is no list of all of them."""

SILENT: Mapping[str, Collection[str]] = {
    # the role of an instance or function is of its own account: iam:PassRole reaches no further
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    "ec2": TRUST_TYPES,
    "edgelambda": TRUST_TYPES,
    "lambda": TRUST_TYPES,
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
    "cloudtrail": TRUST_TYPES,
    # https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html
    "eks": TRUST_TYPES,
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
    "events": ("aws_sns_topic", "aws_sns_topic_policy"),
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    "logdelivery.elasticloadbalancing": ("aws_s3_bucket", "aws_s3_bucket_policy"),
}
"""Services that do not say it, with the types of resources to which they do not."""

BEHALF = re.compile(
    r"aws:source(account|arn|orgid|orgpaths|owner)|kms:encryptioncontext:.+|sts:externalid", re.IGNORECASE
)
"""Condition keys that tell on whose behalf a service comes."""

_REST = re.compile(r"(\.[a-z]{2}(-[a-z]+)+-\d)?\.amazonaws\.com.*$")


class ServiceOnOwnBehalf(PrincipalStatementRule):
    about = About(
        id="SP_IAM_006",
        title="Services are let in on behalf of known accounts or resources only",
        severity=Severity.MEDIUM,
        types=PRINCIPAL_TYPES,
        why="a stranger can have the same service use the role or the resource for them: a confused deputy",
        remedy="add a condition on aws:SourceAccount, aws:SourceArn or aws:SourceOrgID",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
        options={"silent": ()},
    )

    def judge_statement(self, case: Case, statement: Statement) -> None:
        if statement.effect is Effect.DENY or limited(statement, BEHALF, comparisons=WHO):
            return
        for principal in statement.principals or ():
            if principal.kind == "Service":
                with case.part(at=statement.place):
                    _judge(case, statement, str(principal.value))


def _judge(case: Case, statement: Statement, principal: str) -> None:
    service = _REST.sub("", principal)
    if case.resource.type in SILENT.get(service, ()) or service in case.options["silent"]:
        return
    if case.resource.type in TRUST_TYPES and service not in SENDING:
        doubt = f"no document of AWS tells whether {principal} says on whose behalf it comes"
        case.undecided(f"{named(statement)}: {doubt}", at=statement.place)
    else:
        case.fail(f"{named(statement)} lets in {principal} on behalf of anybody", at=statement.place)


check = ServiceOnOwnBehalf()
