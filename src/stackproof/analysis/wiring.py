"""Questions about the wiring of a whole stack: who uses a thing, what a service runs as, what crosses environments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stackproof.plan import reads
from stackproof.plan.paths import format_path
from stackproof.plan.resource import Resource
from stackproof.plan.source import Place
from stackproof.plan.stack import Stack
from stackproof.plan.values import Value

RUN_AS: Mapping[str, tuple[str, ...]] = {
    "aws_codebuild_project": ("service_role",),
    "aws_codepipeline": ("role_arn",),
    "aws_ecs_service": ("iam_role",),
    "aws_ecs_task_definition": ("execution_role_arn", "task_role_arn"),
    "aws_iam_instance_profile": ("role",),
    "aws_instance": ("iam_instance_profile",),
    "aws_lambda_function": ("role",),
    "aws_launch_template": ("iam_instance_profile[0].arn", "iam_instance_profile[0].name"),
    "aws_sfn_state_machine": ("role_arn",),
}
"""The arguments by which a resource gets the role that it acts under, by the provider's documentation."""

LEADS_TO_ROLES: Mapping[str, tuple[str, ...]] = {
    "aws_autoscaling_group": ("launch_template[0].id", "launch_template[0].name"),
    "aws_ecs_service": ("task_definition",),
    "aws_instance": ("iam_instance_profile", "launch_template[0].id"),
    "aws_launch_template": ("iam_instance_profile[0].arn", "iam_instance_profile[0].name"),
}
"""The arguments by which a resource gets what has a role in turn."""

NAMES = ("arn", "bucket", "family", "function_name", "id", "identifier", "name", "repository_url")
"""Attributes that tell a resource from those of another environment."""

SHORTEST_NAME = 8
"""Shorter names are words, which say nothing about where they come from."""


@dataclass(frozen=True)
class Use:
    """An argument of a resource that something feeds, or may feed where that is not `certain`."""

    address: str
    path: str
    certain: bool
    place: Place | None

    def __str__(self) -> str:
        perhaps = "" if self.certain else ", perhaps"
        return f"{self.address}: {self.path} ({self.place or 'place not at hand'}{perhaps})"


class Uses(tuple[Use, ...]):
    """All uses of one thing."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"used by {', '.join(map(str, self)) or 'nothing'}"


@dataclass(frozen=True)
class Crossing:
    """A value in one environment that holds a name of another: of these resources there, which share it."""

    environment: str
    address: str
    path: str
    name: str
    other_environment: str
    other_addresses: tuple[str, ...]
    place: Place | None

    def __str__(self) -> str:
        return (
            f"{self.address}: {self.path} in {self.environment} holds {self.name!r}, which is "
            f"{' or '.join(self.other_addresses)} of {self.other_environment} ({self.place or 'place not at hand'})"
        )


def consumers(stack: Stack, source: Resource | str) -> Uses:
    """Every argument in the stack that a resource feeds, such as all that use a secret; outermost arguments only.

    `source` is the resource or its address.
    """
    address = source if isinstance(source, str) else source.address
    found = []
    with reads.paused():
        for resource in stack:
            for name in resource.arguments:
                wiring = resource.wired(name)
                if resource.address != address and wiring.feeds and address in wiring.addresses:
                    sure = wiring.exact or any(feed.address == address for feed in wiring.certain)
                    found.append(Use(resource.address, name, sure, resource.place_of(name)))
    uses = Uses(found)
    if address in stack:
        reads.record(stack[address], "", uses)
    return uses


def roles(stack: Stack, service: Resource) -> tuple[Resource, ...]:
    """Every role of the stack that a service runs under: its own, and those of the tasks or instances that it starts.

    Raises Undecided where the wiring of one is not exact.
    """
    found: dict[str, Resource] = {}
    pending, seen = [service], set[str]()
    while pending:
        current = pending.pop()
        if current.address in seen:
            continue
        seen.add(current.address)
        paths = dict.fromkeys((*RUN_AS.get(current.type, ()), *LEADS_TO_ROLES.get(current.type, ())))
        for path in paths:
            if current.get(path) is None:
                continue
            wiring = current.wired(path)
            wiring.require_exact()
            for address in wiring.addresses:
                if address in stack:
                    fed = stack[address]
                    if fed.type == "aws_iam_role":
                        found[address] = fed
                    pending.append(fed)
    return tuple(found.values())


def crossings(stacks: Mapping[str, Stack]) -> tuple[Crossing, ...]:
    """Values that name a resource of another environment, by its name, id or ARN as far as the plan knows them.

    Names that both environments have tell nothing. `stacks` are resolved stacks by environment.
    """
    names = {environment: _names(stack) for environment, stack in stacks.items()}
    found = []
    for environment, stack in stacks.items():
        own = names[environment]
        # the longest first: what begins like another name is not that one
        foreign = sorted(
            (name for other in names if other != environment for name in names[other] if name not in own),
            key=len,
            reverse=True,
        )
        for resource in stack:
            for path, text in _texts(resource.values):
                name = next((name for name in foreign if name in text), None)
                if name is None or any(name in mine and mine in text for mine in own):
                    continue
                other = next(other for other in names if other != environment and name in names[other])
                place = resource.place_of(path)
                found.append(
                    Crossing(environment, resource.address, path, name, other, tuple(names[other][name]), place)
                )
    return tuple(found)


def _names(stack: Stack) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for resource in stack.resources():
        for attribute in NAMES:
            value = resource.values.get(attribute)
            if isinstance(value, str) and len(value) >= SHORTEST_NAME:
                addresses = found[str.__str__(value)]
                if resource.address not in addresses:
                    addresses.append(resource.address)
    return found


def _texts(value: Value, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield format_path(steps), str.__str__(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*steps, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, (*steps, number))
