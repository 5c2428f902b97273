"""Deleting a resource by its ARN, and the command by which a person does it."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from stackproof.sandbox.clients import Clients
from stackproof.sandbox.janitor import preparing
from stackproof.sandbox.janitor.ways import GOING, WAYS, Parameter, Way


class NoWayError(Exception):
    """No row of the table fits."""


def delete(clients: Clients, arn: str) -> None:
    """Delete what an ARN names, and what it holds; raises NoWayError, or botocore's errors."""
    way = _way(arn)
    client, parameters = clients(way.client), _filled(way.parameters, arn)
    if way.prepare is not None:
        parameters[preparing.ARN] = arn
        way.prepare(client, parameters)
        parameters.pop(preparing.ARN)
    getattr(client, parameters.pop(preparing.CALL, way.call))(**parameters)


def is_going(clients: Clients, arn: str) -> bool:
    """Whether something that AWS still tells of is deleted already, or will be without more ado."""
    from botocore.exceptions import ClientError  # type: ignore[import-untyped]

    try:
        way = _way(arn)
    except NoWayError:
        return False
    sign = GOING.get(way.form)
    if sign is None:
        return False
    answer = None
    with contextlib.suppress(ClientError):
        answer = getattr(clients(way.client), sign.call)(**_filled(sign.parameters, arn))
    return _at(answer, sign.path) in sign.values


def command(arn: str) -> str:
    """The AWS CLI command by which a person deletes what an ARN names, or where to look for one."""
    from botocore import xform_name  # type: ignore[import-untyped]

    service, region = arn.split(":")[2:4]
    try:
        way = _way(arn)
    except NoWayError:
        return f"aws {service} help"
    if way.form == "s3:*":
        return shlex.join(["aws", "s3", "rb", "--force", f"s3://{_parts(arn)['resource']}"])
    words = ["aws", way.client, way.call.replace("_", "-")]
    parameters = _filled(way.parameters, arn)
    if way.form == "sqs:*":
        parameters = {"QueueUrl": f"$(aws sqs get-queue-url --queue-name {_parts(arn)['resource']} --output text)"}
    for name, value in parameters.items():
        words.append(f"--{xform_name(name, '-')}")
        if value is not True:
            words += map(str, value) if isinstance(value, list) else [str(value)]
    words += ["--region", region] if region else []
    # a shell has to see the one substitution, and nothing else of its own
    return " ".join(f'"{word}"' if word.startswith("$(") else shlex.quote(word) for word in words)


def _way(arn: str) -> Way:
    if arn.count(":") >= 5:
        parts = _parts(arn)
        for way in WAYS:
            if fnmatchcase(f"{parts['service']}:{parts['resource']}", way.form):
                return way
    raise NoWayError(arn)


def _parts(arn: str) -> dict[str, str]:
    """The parts of an ARN: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html."""
    _, _, service, region, account, resource = arn.split(":", 5)
    resource = resource.removesuffix(":*") if service == "logs" else resource
    split = min((at for at in (resource.find("/"), resource.find(":")) if at >= 0), default=-1)
    name = resource[split + 1 :]
    return {
        "arn": arn,
        "service": service,
        "region": region,
        "account": account,
        "resource": resource,
        "name": name,
        "second": name.split("/", 1)[0],
        "id": name.rsplit("/", 1)[-1],
    }


def _filled(parameters: Mapping[str, Parameter], arn: str) -> dict[str, Any]:
    parts = _parts(arn)

    def filled(value: Parameter) -> Any:  # noqa: ANN401  # as boto3 takes it
        if isinstance(value, str):
            return value.format_map(parts)
        return value if isinstance(value, bool | int) else [one.format_map(parts) for one in value]

    return {name: filled(value) for name, value in parameters.items()}


def _at(answer: Any, path: str) -> Any:  # noqa: ANN401  # as boto3 answers
    for step in path.replace("[0]", ".0").split("."):
        try:
            answer = answer[int(step)] if step.isdigit() else answer[step]
        except (KeyError, IndexError, TypeError):
            return None
    return answer
