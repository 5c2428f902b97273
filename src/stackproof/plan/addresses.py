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


def looks_like_address(text: str) -> bool:
    """Whether a text can only be an address, not a resource type: types hold no dot."""
    return "." in text
