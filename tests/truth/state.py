"""An applied state as Terraform tells it: what every instance is, and what it depends on by Terraform's own graph.

https://developer.hashicorp.com/terraform/internals/json-format#state-representation
https://developer.hashicorp.com/terraform/cli/commands/graph
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Steps = tuple[str | int, ...]

_INDEX = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_EDGE = re.compile(r'^\s*"(?P<consumer>(?:[^"\\]|\\.)*)" -> "(?P<source>(?:[^"\\]|\\.)*)";$', re.MULTILINE)


@dataclass(frozen=True)
class Instance:
    """One resource instance or data source, with all of its values."""

    address: str
    mode: str
    type: str
    name: str
    values: Mapping[str, Any]

    @property
    def block(self) -> str:
        """The address of the block that describes it: without any index."""
        return _INDEX.sub("", self.address)

    @property
    def module(self) -> str:
        """The names of the module calls that lead to it, with dots between them."""
        return ".".join(re.findall(r"module\.([\w-]+)", self.block))


@dataclass(frozen=True)
class State:
    """All instances by address, and for every block the ones that it depends on, directly or not."""

    instances: Mapping[str, Instance]
    ancestors: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def depends(self, consumer: str, source: str) -> bool:
        """Whether an instance can have got something from another one."""
        above = self.ancestors.get(self.instances[consumer].block, frozenset())
        return self.instances[source].block in above

    def value(self, address: str, attribute: str, steps: Steps) -> Any:
        """The value at the steps below an attribute; None where there is none."""
        value: Any = self.instances[address].values.get(attribute) if address in self.instances else None
        for step in steps:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value


def read_state(shown: str, graph: str) -> State:
    """The state from what `terraform show -json` and `terraform graph` printed."""
    root = json.loads(shown)["values"]["root_module"]
    instances = {instance.address: instance for instance in _instances(root)}
    sources: dict[str, set[str]] = defaultdict(set)
    for edge in _EDGE.finditer(graph):
        sources[edge["consumer"]].add(edge["source"])
    blocks = {instance.block for instance in instances.values()}
    return State(instances, {block: frozenset(_above(block, sources)) for block in blocks})


def leaves(value: Any, steps: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Whatever is no map and no list in a value and is not null, with the steps that lead to it."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*steps, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from leaves(item, (*steps, number))
    elif value is not None:
        yield steps, value


def texts(value: Any) -> tuple[str, ...]:
    """All that can be read in a value: its leaves as texts, documents in one form, and what is encoded in Base64."""
    found = [leaf if isinstance(leaf, str) else json.dumps(leaf) for _, leaf in leaves(value)]
    found += [inner for text in found for inner in _decoded(text)]
    return tuple(_in_one_form(text) for text in found if text)


def _in_one_form(text: str) -> str:
    if text[0] not in "{[":
        return text
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text


def _decoded(text: str) -> Iterator[str]:
    if len(text) >= 24 and re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", text):
        try:
            yield base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return


def _instances(module: Mapping[str, Any]) -> Iterator[Instance]:
    for found in module.get("resources", ()):
        yield Instance(found["address"], found["mode"], found["type"], found["name"], found["values"])
    for child in module.get("child_modules", ()):
        yield from _instances(child)


def _above(block: str, sources: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    pending = [block]
    while pending:
        new = sources.get(pending.pop(), set()) - found
        found |= new
        pending += new
    return found
