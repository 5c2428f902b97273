"""What a run has made without its state knowing: it was killed, or never heard that a call had succeeded."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.janitor.removal import NoWayError, delete
from stackproof.sandbox.leaks import Item, Leak, Leaks
from stackproof.sandbox.leaks.kinds import Kind
from stackproof.sandbox.leaks.removal import Removal

PATIENCE_SECONDS = 300.0
"""How long what holds an orphan may take to go."""

_ASK_AGAIN_SECONDS = 2.0
_GONE = re.compile(r"NotFound|NoSuch|NotExist|NonExist|DoesNotExist|NotFoundException|ServiceNotActive")
_RESOURCES = {"Address": "elastic-ip", "FlowLog": "vpc-flow-log", "NatGateway": "natgateway"}
"""What ARNs call the things of EC2, where that is not what its API does.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""


_ARNS = {
    ("codebuild", "Project"): "arn:aws:codebuild:{place}:project/{name}",
    ("codepipeline", "Pipeline"): "arn:aws:codepipeline:{place}:{name}",
    ("dynamodb", "Table"): "arn:aws:dynamodb:{place}:table/{name}",
    ("s3", "Bucket"): "arn:aws:s3:::{name}",
}
"""ARNs of what its listing tells by name alone."""


def orphans(leaks: Leaks, state: Mapping[str, Any], *, account_id: str, region: str) -> tuple[Leak, ...]:
    """Of what the calls of a run have made, that which no resource in a state stands for.

    What is a part of something else, such as the policy of a role, goes and stays with that.
    """
    attributes = [
        instance.get("attributes", {}) for resource in state.get("resources", ()) for instance in resource["instances"]
    ]
    known = {one[name] for one in attributes for name in ("arn", "id") if isinstance(one.get(name), str)}
    names = {one["name"] for one in attributes if isinstance(one.get("name"), str)}

    def is_known(item: Item) -> bool:
        arn = item.arn or _arn(item, account_id, region)
        # many things have the same name, so that it counts only where nothing else tells
        return arn in known or item.identity in known or (not arn and item.identity in names)

    return tuple(
        leak for leak in leaks.leaks if leak.call is not None and not leak.item.kind.inputs and not is_known(leak.item)
    )


def lost_routes(calls: Iterable[Call], state: Mapping[str, Any], clients: Clients, *, region: str) -> tuple[Leak, ...]:
    """The routes that calls have made in tables which a state knows, without it knowing the routes.

    They are parts of their tables, and AWS refuses to make them twice:
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html
    """
    tables, known = _routes_in(state)
    made = {
        (table, to): call
        for call in calls
        if (call.service, call.action) == ("ec2", "CreateRoute") and not call.error
        for table, _, to in _routes(call.parameters["RouteTableId"], call.parameters)
    }
    lost = {place for place in made if place[0] in tables} - known
    if not lost:
        return ()
    listed = clients("ec2").describe_route_tables(RouteTableIds=sorted({table for table, _ in lost}))["RouteTables"]
    there = [one for table in listed for route in table["Routes"] for one in _routes(table["RouteTableId"], route)]
    return tuple(
        Leak(
            Item(
                Kind("ec2", "CreateRoute", "", "DeleteRoute", (("RouteTableId", table),)),
                to,
                removal=Removal("ec2", "DeleteRoute", {"RouteTableId": table, way: to}, region),
            ),
            made[table, to],
        )
        for table, way, to in there
        if (table, to) in lost
    )


def _routes(table: str, told: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Of what the API tells of a route, or is told: its table, the way in which its destination is given, and that."""
    ways = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    return ((table, way, told[way]) for way in ways if way in told)


def _routes_in(state: Mapping[str, Any]) -> tuple[set[str], set[tuple[str, str]]]:
    """The route tables in a state, and the destinations of routes in them, each with its table."""
    tables: set[str] = set()
    known: set[tuple[str, str]] = set()
    for resource in state.get("resources", ()):
        for attributes in (instance.get("attributes", {}) for instance in resource["instances"]):
            if resource["type"] in ("aws_route_table", "aws_default_route_table"):
                tables.add(attributes["id"])
                written = attributes.get("route") or ()
                known |= {(attributes["id"], to) for route in written for to in route.values() if to}
            elif resource["type"] == "aws_route":
                given = (value for name, value in attributes.items() if name.startswith("destination_"))
                known |= {(attributes["route_table_id"], to) for to in given if to}
    return tables, known


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
    resource = _ARNS.get((item.kind.service, item.kind.noun))
    return resource.format(place=f"{region}:{account_id}", name=item.identity) if resource else ""
