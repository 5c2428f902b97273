"""The documents of a plan against those that the account keeps after the apply."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stackproof.plan.paths import parse_path
from stackproof.plan.resolution.tokens import Tokens
from stackproof.plan.resource import Resource
from stackproof.plan.stack import Stack
from stackproof.plan.values import Withheld
from stackproof.plan.wiring import Traced

from .applying import Client
from .arguments import Argument
from .state import State, texts

Document = Any
Values = Mapping[str, Any]

STORED: Mapping[tuple[str, str], Callable[[Client, Values], Document]] = {
    ("aws_cloudwatch_dashboard", "dashboard_body"): lambda client, it: client("cloudwatch").get_dashboard(
        DashboardName=it["dashboard_name"]
    )["DashboardBody"],
    ("aws_cloudwatch_event_rule", "event_pattern"): lambda client, it: client("events").describe_rule(Name=it["name"])[
        "EventPattern"
    ],
    ("aws_ecr_lifecycle_policy", "policy"): lambda client, it: client("ecr").get_lifecycle_policy(
        repositoryName=it["repository"]
    )["lifecyclePolicyText"],
    ("aws_ecr_repository_policy", "policy"): lambda client, it: client("ecr").get_repository_policy(
        repositoryName=it["repository"]
    )["policyText"],
    ("aws_ecs_task_definition", "container_definitions"): lambda client, it: client("ecs").describe_task_definition(
        taskDefinition=it["arn"]
    )["taskDefinition"]["containerDefinitions"],
    ("aws_iam_group_policy", "policy"): lambda client, it: client("iam").get_group_policy(
        GroupName=it["group"], PolicyName=it["name"]
    )["PolicyDocument"],
    ("aws_iam_policy", "policy"): lambda client, it: client("iam").get_policy_version(
        PolicyArn=it["arn"], VersionId=client("iam").get_policy(PolicyArn=it["arn"])["Policy"]["DefaultVersionId"]
    )["PolicyVersion"]["Document"],
    ("aws_iam_role", "assume_role_policy"): lambda client, it: client("iam").get_role(RoleName=it["name"])["Role"][
        "AssumeRolePolicyDocument"
    ],
    ("aws_iam_role", "inline_policy"): lambda client, it: {
        name: client("iam").get_role_policy(RoleName=it["name"], PolicyName=name)["PolicyDocument"]
        for name in client("iam").list_role_policies(RoleName=it["name"])["PolicyNames"]
    },
    ("aws_iam_role_policy", "policy"): lambda client, it: client("iam").get_role_policy(
        RoleName=it["role"], PolicyName=it["name"]
    )["PolicyDocument"],
    ("aws_iam_user_policy", "policy"): lambda client, it: client("iam").get_user_policy(
        UserName=it["user"], PolicyName=it["name"]
    )["PolicyDocument"],
    ("aws_kms_key", "policy"): lambda client, it: client("kms").get_key_policy(
        KeyId=it["key_id"], PolicyName="default"
    )["Policy"],
    ("aws_s3_bucket_policy", "policy"): lambda client, it: client("s3").get_bucket_policy(Bucket=it["bucket"])[
        "Policy"
    ],
    ("aws_secretsmanager_secret_policy", "policy"): lambda client, it: client("secretsmanager").get_resource_policy(
        SecretId=it["secret_arn"]
    )["ResourcePolicy"],
    ("aws_sns_topic", "policy"): lambda client, it: client("sns").get_topic_attributes(TopicArn=it["arn"])[
        "Attributes"
    ]["Policy"],
    ("aws_sns_topic_policy", "policy"): lambda client, it: client("sns").get_topic_attributes(TopicArn=it["arn"])[
        "Attributes"
    ]["Policy"],
    ("aws_sqs_queue", "policy"): lambda client, it: _of_queue(client, it["url"], "Policy"),
    ("aws_sqs_queue", "redrive_policy"): lambda client, it: _of_queue(client, it["url"], "RedrivePolicy"),
    ("aws_sqs_queue_policy", "policy"): lambda client, it: _of_queue(client, it["queue_url"], "Policy"),
    ("aws_vpc_endpoint", "policy"): lambda client, it: client("ec2").describe_vpc_endpoints(VpcEndpointIds=[it["id"]])[
        "VpcEndpoints"
    ][0]["PolicyDocument"],
}
"""How the account is asked for a document, by the type of the resource and the argument that the document is."""

COMPLETED = frozenset({("aws_ecs_task_definition", "container_definitions")})
"""Documents to which the service adds its defaults, so that the planned one need only be in them."""


@dataclass(frozen=True)
class Compared:
    """The documents that were compared, those that the plan does not know, and what is wrong."""

    documents: tuple[Argument, ...]
    undecided: tuple[Argument, ...]
    disagreements: tuple[str, ...]


def read_stored(state: State, arguments: tuple[Argument, ...], client: Client) -> dict[Argument, Document]:
    """Every document that the configuration describes, as the account keeps it.

    Raises KeyError for one that nobody knows how to ask for.
    """
    found = {}
    for argument in arguments:
        instance = state.instances[argument.address]
        is_named_so = re.fullmatch(r"\w*(body|definitions?|document|pattern|policy)", argument.path)
        if instance.mode == "managed" and is_named_so and any(text[0] in "{[" for text in argument.texts):
            kept = STORED[instance.type, argument.path](client, instance.values)
            found[argument] = json.loads(kept) if isinstance(kept, str) else kept
    return found


def compare(state: State, stored: Mapping[Argument, Document], planned: Stack, tokens: Tokens) -> Compared:
    """Compare stored documents with planned ones, in which what the state tells takes the place of tokens."""
    disagreements, undecided = [], []
    for argument, document in stored.items():
        resource = planned[argument.address]
        raw = _planned(resource, argument.path)
        if any(isinstance(leaf, Withheld) for leaf in _leaves(raw)):
            undecided.append(argument)
            continue
        expected = _applied(raw, state, tokens)
        may_be_more = (resource.type, argument.path) in COMPLETED
        if not (_covers(document, expected) if may_be_more else _normal(document) == _normal(expected)):
            disagreements.append(f"{argument.address} {argument.path}: planned {expected}, stored {document}")
    return Compared(tuple(stored), tuple(undecided), tuple(disagreements))


def _planned(resource: Resource, path: str) -> Any:
    """The planned document at a path; where there are several blocks with one each, all of them by name."""
    value = resource[path]
    if not isinstance(value, list):
        return resource.document(path)
    return {block["name"]: resource.document(f"{path}[{number}].policy") for number, block in enumerate(value)}


def _applied(value: Any, state: State, tokens: Tokens) -> Any:
    """A planned value with the state's values in place of tokens."""
    if isinstance(value, dict):
        return {_applied(key, state, tokens): _applied(item, state, tokens) for key, item in value.items()}
    if isinstance(value, list):
        return [_applied(item, state, tokens) for item in value]
    if not isinstance(value, Traced):
        return value
    text = value.raw
    stand_ins = {tokens.feeds[feed].text: feed for feed in value.feeds}
    for token in sorted(stand_ins, key=len, reverse=True):
        name, *steps = parse_path(stand_ins[token].attribute)
        (applied,) = texts(state.value(stand_ins[token].address, str(name), tuple(steps)))
        text = text.replace(token, applied)
    return text


def _normal(document: Any) -> Any:
    """A policy such that equal means the same: in IAM a list of texts has no order, and one of them may stand alone.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    if isinstance(document, dict):
        return {key: _normal(item) for key, item in document.items()}
    if isinstance(document, list) and all(isinstance(item, str) for item in document):
        return document[0] if len(document) == 1 else sorted(document)
    if isinstance(document, list):
        items = [_normal(item) for item in document]
        return items[0] if len(items) == 1 else items
    return str(document).lower() if isinstance(document, bool) else document


def _covers(whole: Any, part: Any) -> bool:
    """Whether a part is in a whole: maps may hold more there, and nothing else may."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and _covers(whole[key], item) for key, item in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(whole) == len(part) and all(map(_covers, whole, part))
    return bool(whole == part)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _of_queue(client: Client, url: str, name: str) -> str:
    text: str = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]
    return text
