"""What a run has made without its state knowing: it was killed, or never heard that a call had succeeded."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stackproof.sandbox.clients import Clients
from stackproof.sandbox.janitor.removal import NoWayError, delete
from stackproof.sandbox.leaks import Item, Leak, Leaks

PATIENCE_SECONDS = 300.0
"""How long what holds an orphan may take to go."""

_ASK_AGAIN_SECONDS = 2.0
_GONE = re.compile(r"NotFound|NoSuch|NotExist|NonExist|DoesNotExist|NotFoundException|ServiceNotActive")
_RESOURCES = {"Address": "elastic-ip", "FlowLog": "vpc-flow-log", "NatGateway": "natgateway"}
"""What ARNs call the things of EC2, where that is not what its API does.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""


def orphans(leaks: Leaks, state: Mapping[str, Any], *, bucket: str) -> tuple[Leak, ...]:
    """Of what an account holds besides what it held before, that which no text in a state names.

    `bucket` is that of the states, in which the run writes besides.
    """
    known = set(_texts([resource["instances"] for resource in state.get("resources", ())]))
    return tuple(
        leak
        for leak in leaks.leaks
        if not (leak.item.names | {leak.item.identity, leak.item.arn}) & known
        and ("Bucket", bucket) not in leak.item.kind.inputs
    )


def remove(found: Sequence[Leak], clients: Clients, *, account_id: str, region: str) -> tuple[Leak, ...]:
    """Remove orphans, again and again while others hold them; gives those that cannot be removed."""
    pending = list(found)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while pending:
        left = [leak for leak in pending if not _is_removed(leak.item, clients, account_id, region)]
        if len(left) == len(pending):
            if time.monotonic() >= deadline:
                break
            time.sleep(_ASK_AGAIN_SECONDS)
        pending = left
    return tuple(pending)


def _is_removed(item: Item, clients: Clients, account_id: str, region: str) -> bool:
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

    try:
        try:
            delete(clients, item.arn or _arn(item, account_id, region))
        except NoWayError:
            if item.removal is None:
                return False
            item.removal.make(clients)
    except ClientError as error:
        return _GONE.search(error.response.get("Error", {}).get("Code", "")) is not None
    except BotoCoreError:
        return False
    return True


def _arn(item: Item, account_id: str, region: str) -> str:
    """The ARN of a thing whose service tells none."""
    if item.kind.service == "ec2":
        kebab = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", item.kind.noun).lower()
        return f"arn:aws:ec2:{region}:{account_id}:{_RESOURCES.get(item.kind.noun, kebab)}/{item.identity}"
    if (item.kind.service, item.kind.noun) == ("s3", "Bucket"):
        return f"arn:aws:s3:::{item.identity}"
    return ""


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401  # whatever JSON holds
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
