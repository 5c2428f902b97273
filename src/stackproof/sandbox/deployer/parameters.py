"""A call's parameters as a flat list of names and values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_KIND = re.compile(r"(?<=.)(?:names?|ids?|arns?|urls?|identifiers?)$")


@dataclass(frozen=True)
class Parameter:
    """One text of a request: its path without the positions in lists, such as "pipeline.stages.name"."""

    path: str
    value: str

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def is_outer(self) -> bool:
        """Whether it stands on top, or in the one object that holds all of a request, as `pipeline.name` does."""
        return self.path.count(".") == 0


def flat(parameters: Mapping[str, object]) -> tuple[Parameter, ...]:
    """All texts in a call's parameters."""
    return tuple(_texts(parameters, ""))


def stem(name: str) -> str:
    """What a name is about, however it is spelled: "cluster" of `clusterArn`, `Clusters` and `ClusterName`."""
    plain = name.lower().replace("_", "").replace("-", "").replace(".", "")
    plain = _KIND.sub("", plain.removesuffix("withpath").removesuffix("withoutleadingslash"))
    return "" if plain in ("name", "names", "id", "ids", "arn", "arns", "identifier") else plain.removesuffix("s")


def _texts(value: object, path: str) -> Iterator[Parameter]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, str):
        yield Parameter(path, value)
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        for inner in value:
            yield from _texts(inner, path)
