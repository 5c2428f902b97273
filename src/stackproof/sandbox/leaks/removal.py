"""How a thing is removed from an account: one call, told as a command of the AWS CLI and made by boto3."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stackproof.sandbox.api.models import service_model
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.leaks.exceptions import CLI_NAMES, FORCED
from stackproof.sandbox.leaks.kinds import Kind


@dataclass(frozen=True)
class Removal:
    """A call of `operation` with `parameters`, as boto3 takes them; `str` gives the command for a shell."""

    service: str
    operation: str
    parameters: Mapping[str, Any] = field(hash=False)
    region: str = ""

    def make(self, clients: Clients) -> None:
        """Make the call; raises botocore's errors."""
        from botocore import xform_name  # type: ignore[import-untyped]

        getattr(clients(self.service), xform_name(self.operation))(**self.parameters)

    def __str__(self) -> str:
        return " ".join(self._words())

    def _words(self) -> Iterator[str]:
        from botocore import xform_name

        yield from ("aws", CLI_NAMES.get(self.service, self.service), xform_name(self.operation, "-"))
        for name, value in self.parameters.items():
            yield f"--{xform_name(name, '-')}"
            if value is not True:
                yield from map(shlex.quote, map(str, value if isinstance(value, list) else [value]))
        if self.region:
            yield from ("--region", self.region)


def removal_of(kind: Kind, fields: Mapping[str, Any], identity: str, region: str) -> Removal | None:
    """What removes a thing with these fields, as far as the operation's own input tells what it has to be given."""
    if not kind.undo:
        return None
    shape = service_model(kind.service).operation_model(kind.undo).input_shape
    inputs = dict(kind.inputs)
    lower = {name.lower(): value for name, value in {**fields, **inputs}.items() if isinstance(value, str | int)}
    required = list(shape.required_members) if shape else []
    optional = [name for name in (shape.members if shape else {}) if name not in required]
    # EC2 calls nothing required, and takes one of several
    named = required or [name for name in optional if lower.get(name.lower()) == identity][:1]
    named += [
        name for name in optional if name not in named and (name in inputs or lower.get(name.lower()) == identity)
    ]
    named = named or [name for name in optional if _is_named_after(name, kind)][:1]
    parameters: dict[str, Any] = {}
    for name in named:
        given = lower.get(name.lower()) or lower.get(name.lower().removesuffix("s"), identity)
        match shape.members[name].type_name:
            case "string":
                parameters[name] = str(given)
            case "integer":
                parameters[name] = given
            case "list":
                parameters[name] = [str(given)]
            case _:
                return None
    parameters.update(FORCED.get((kind.service, kind.undo), {}))
    return Removal(kind.service, kind.undo, parameters, region)


def _is_named_after(member: str, kind: Kind) -> bool:
    """Whether an argument is named after a kind: "FlowLogIds" after "FlowLog"."""
    return re.fullmatch(rf"{kind.noun}(Arn|Id|Name)s?", member, re.IGNORECASE) is not None
