"""The special cases of the Service Authorization Reference, read from `data/rules.toml`."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any


@functools.cache
def rules(table: str) -> Mapping[str, Any]:
    """One table of the rules; KeyError where there is none of this name."""
    return _all()[table]


@functools.cache
def _all() -> Mapping[str, Mapping[str, Any]]:
    text = (resources.files("stackproof.sandbox.deployer") / "data/rules.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
