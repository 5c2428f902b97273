"""Resource and module addresses: https://developer.hashicorp.com/terraform/cli/state/resource-addressing."""

from __future__ import annotations

import functools
import re

_INDEX = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


@functools.lru_cache(maxsize=4096)
def module_path(address: str) -> tuple[str, ...]:
    """The names of the module calls that lead to a module address: `module.a["x"].module.b` gives ("a", "b")."""
    names = _INDEX.sub("", address).split(".")
    return tuple(name for name in names[1::2] if name)


_LAST_INDEX = re.compile(rf"{_INDEX.pattern}\Z")


@functools.lru_cache(maxsize=4096)
def without_index(address: str) -> str:
    """An address without the instance's index: `module.a[0].aws_vpc.b["x"]` to `module.a[0].aws_vpc.b`."""
    return _LAST_INDEX.sub("", address)


def without_indexes(address: str) -> str:
    """An address as the configuration has it: `module.a[0].aws_vpc.b["x"]` to `module.a.aws_vpc.b`."""
    return _INDEX.sub("", address)


def looks_like_address(text: str) -> bool:
    """Whether a text can only be an address, not a resource type: types hold no dot."""
    return "." in text
