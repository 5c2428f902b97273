"""What kinds of things there are in an account, and which calls make, list and remove them, by botocore's models.

`CreateRole` makes what `ListRoles` lists and `DeleteRole` removes: AWS names its operations so that this can be read
from them, and where it does not, `exceptions` says so.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.api.models import service_model
from stackproof.sandbox.leaks.exceptions import IMPLIED, LISTED_BY, UNDONE_BY

MAKES: Mapping[str, tuple[str, ...]] = {
    "Add": ("Remove", "Delete"),
    "Allocate": ("Release",),
    "Associate": ("Disassociate",),
    "Attach": ("Detach",),
    "Authorize": ("Revoke",),
    "Copy": ("Delete", "Deregister"),
    "Create": ("Delete", "Terminate", "Remove", "Revoke"),
    "Enable": ("Disable",),
    "Import": ("Delete",),
    "Provision": ("Deprovision", "Terminate"),
    "Publish": ("Delete",),
    "Purchase": (),
    "Put": ("Delete", "Remove"),
    "Register": ("Deregister", "Unregister"),
    "Request": ("Delete", "Cancel"),
    "Restore": ("Delete",),
    "Run": ("Terminate", "Stop"),
    "Start": ("Stop", "Cancel"),
    "Subscribe": ("Unsubscribe",),
    "Upload": ("Delete",),
}
"""The verbs of operations that make something, and those that take it away again."""

UNDOES = re.compile(r"^(Batch)?(Delete|Deregister|Detach|Disassociate|Disable|Release|Remove|Revoke|Stop|Terminate|Un)")
_MAKES = re.compile(rf"^({'|'.join(MAKES)})(?=[A-Z]|$)")
_READS = re.compile(r"^(List|Describe|Get)(?=[A-Z])")
_SAYS_WHERE = re.compile(r"(Arn|ARN|Id|Name|Url|URL|Bucket|cluster|Cluster|Namespace|Rule)$")
INDEPENDENT = ("Allocate", "Copy", "Create", "Import", "Provision", "Publish", "Purchase", "Request", "Restore", "Run")
"""The verbs of operations that make a thing of its own; the others may as well set something of another thing."""

_NO_THING = frozenset({"Tags", "Tag", "TagsToResource", "Query", "Session", "Events", "MetricData", "LogEvents"})
"""What calls put that is no thing of its own, or is gone by itself."""


@dataclass(frozen=True)
class Kind:
    """One kind of things: `make` and `undo` are operations on it ("" for an unknown one), `list` the one that lists it.

    `inputs` are what the latter has to be told besides, such as the role whose policies are meant.
    """

    service: str
    make: str
    list: str
    undo: str = ""
    inputs: tuple[tuple[str, str], ...] = ()

    @property
    def noun(self) -> str:
        """What the things are called: "Role"."""
        listed = _READS.sub("", self.list).removeprefix("Attached")
        return singular(re.sub(r"By[A-Z]\w*$", "", listed)) if self.list else noun(self.make)

    def __str__(self) -> str:
        within = ", ".join(f"{name} {value}" for name, value in self.inputs)
        return f"{self.service} {self.noun}" + (f" of {within}" if within else "")


def makes(call: Call) -> bool:
    """Whether a call may have made something, even if its answer was lost."""
    known = _MAKES.match(call.action) is not None and noun(call.action) not in _NO_THING
    return known and bool(call.service) and not 400 <= call.status < 500


def undoes(call: Call) -> bool:
    """Whether a call took something away."""
    return UNDOES.match(call.action) is not None and 200 <= call.status < 300


def noun(action: str) -> str:
    """What an operation is about: "LogGroup" of "CreateLogGroup"."""
    return UNDOES.sub("", _MAKES.sub("", action))


def singular(word: str) -> str:
    """The singular of an English noun as AWS writes it: "Policies", "Addresses", "FlowLogs", "Aliases"."""
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes", "iases", "Buses", "tuses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "ias")) else word


def kinds_of(services: Iterable[str]) -> tuple[Kind, ...]:
    """All kinds of things in these services (botocore's names) that can be listed without naming another thing.

    For a census before a run of which only the services are known. Services that botocore does not know have none.
    """
    return tuple(dict.fromkeys(kind for service in sorted(set(services)) for kind in _kinds(service)))


def kinds_touched(calls: Iterable[Call]) -> tuple[Kind, ...]:
    """The kinds of all things that these calls may have made, or that AWS made on their behalf.

    Those with `list` "" cannot be listed.
    """
    found: dict[Kind, None] = {}
    for call in calls:
        if makes(call):
            found.update(dict.fromkeys(kinds_made(call)))
            for service, action in IMPLIED.get((call.service, call.action), ()):
                found.update(dict.fromkeys(_spread(service, action, {})))
    return tuple(found)


def kinds_made(call: Call) -> tuple[Kind, ...]:
    """The kinds of what one call made: several where the listing has to be asked once for each of its namespaces."""
    return _spread(call.service, call.action, call.parameters)


@functools.cache
def _kinds(service: str) -> tuple[Kind, ...]:
    model = _model(service)
    if model is None:
        return ()
    actions = [name for name in model.operation_names if _MAKES.match(name) and noun(name) not in _NO_THING]
    return tuple(kind for action in actions for kind in _spread(service, action, {}) if kind.list)


def _spread(service: str, action: str, parameters: Mapping[str, Any]) -> tuple[Kind, ...]:
    model = _model(service)
    if model is None:
        return (Kind(service, action, ""),)
    undo = _undo(service, action)
    for listing in _listings(service, action):
        inputs = _inputs(model.operation_model(listing), parameters)
        if inputs is not None:
            return tuple(Kind(service, action, listing, undo, chosen) for chosen in inputs)
    return (Kind(service, action, "", undo),)


@functools.cache
def _listings(service: str, action: str) -> tuple[str, ...]:
    """The operations that list what an action makes, the best first: by the whole noun, then by the end of one."""
    named = LISTED_BY.get((service, action))
    if named:
        return (named,)
    model = _model(service)
    wanted, verb = singular(noun(action)), _verb(action)
    exact: list[str] = []
    alike: list[str] = []
    for name in model.operation_names if model else ():
        match = _READS.match(name)
        if match is None or not _gives_several(model.operation_model(name)):
            continue
        plural = name[match.end() :]
        if verb == "Attach":
            (exact if singular(plural) == f"Attached{wanted}" else []).append(name)
        elif singular(plural) == wanted and (plural != wanted or match[1] != "Get"):
            exact.append(name)
        elif plural.endswith("s") and re.search(rf"(?<=[a-z]){singular(plural)}$", wanted):
            alike.append(name)
    # some of what describes has to be told what to describe, and else tells of a default
    order = ("List", "Describe", "Get")
    exact.sort(key=lambda name: order.index(_READS.match(name)[1]))  # type: ignore[index]
    return (*exact, *sorted(alike, key=len, reverse=True))


@functools.cache
def _undo(service: str, action: str) -> str:
    model = _model(service)
    known = set(model.operation_names) if model else set()
    thing = noun(action)
    candidates = [f"{verb}{form}" for verb in MAKES[_verb(action)] for form in (thing, f"{thing}s", singular(thing))]
    return UNDONE_BY.get((service, action)) or next((name for name in candidates if name in known), "")


def _inputs(listing: Any, given: Mapping[str, Any]) -> list[tuple[tuple[str, str], ...]] | None:  # noqa: ANN401
    """What an operation has to be told to list everything, once for each call that takes; None where that is not known.

    `given` are the parameters of a call that made such a thing, and so knows within what.
    """
    shape = listing.input_shape
    members = shape.members if shape else {}
    own: list[tuple[str, str]] = []
    spread: list[list[tuple[str, str]]] = [[]]
    lower = {name.lower(): value for name, value in given.items() if isinstance(value, str) and value}
    for name, member in members.items():
        required = name in shape.required_members
        value = lower.get(name.lower())
        if member.type_name != "string":
            if required:
                return None
        elif value is not None and _SAYS_WHERE.search(name):
            own.append((name, value))
        elif required and getattr(member, "enum", None):
            spread = [[(name, choice)] for choice in member.enum]
        elif required:
            return None
    return [tuple(own + more) for more in spread]


def _gives_several(operation: Any) -> bool:  # noqa: ANN401  # botocore has no types
    shape = operation.output_shape
    return shape is not None and any(member.type_name == "list" for member in shape.members.values())


def _verb(action: str) -> str:
    match = _MAKES.match(action)
    return match[1] if match else ""


def _model(service: str) -> Any:  # noqa: ANN401
    from botocore.exceptions import UnknownServiceError  # type: ignore[import-untyped]

    try:
        return service_model(service)
    except UnknownServiceError:
        return None


def texts(value: object) -> Iterator[str]:
    """Every text in the parameters or the answer of a call."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for inner in value:
            yield from texts(inner)
