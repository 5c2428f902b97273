"""The graph that checkov makes of HCL, as a stack."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from stackproof.plan import Resource, Stack
from stackproof.plan.addresses import module_path, without_index
from stackproof.plan.paths import parse_path
from stackproof.plan.provenance import Link, Way
from stackproof.plan.source import Sources
from stackproof.plan.values import Unknown, Value, follow
from stackproof.plan.wiring import Feed, Traced, Wiring

_Data = Any
_Node = Mapping[str, _Data]

BLOCK, CONFIG, FILE, NAME, ADDRESS = "block_type_", "config_", "file_path_", "block_name_", "__address__"

_META = frozenset({"count", "depends_on", "dynamic", "for_each", "lifecycle", "provider", "provisioner"})
_MAPS = frozenset({"labels", "parameters", "tags", "tags_all", "variables"})
"""Arguments that are maps: HCL alone does not tell them from blocks."""

_LISTS_AS_TEXT = frozenset({"container_definitions"})
"""Arguments that hold a list as JSON, which checkov has decoded."""

_REST = r"\.\w+(?:\[[^]]*\])?(?:\.\w+|\[[^]]*\])*"
"""What follows the type in a reference."""

_UNTOLD = re.compile(
    r"\$\{|\b(?:var|local|module|each|count|self|path|terraform)\.\w|\w+\.(?:value|key)\b|^\w+\(|\?.*:"
)
_INTERPOLATION = re.compile(r"\$\{([^{}]*)\}")
_DOCUMENT = re.compile(r"data\.aws_iam_policy_document\.")
_INDEX = re.compile(r"\[(\d+|\"(?:[^\"\\]|\\.)*\")\]$")

WHY = "the HCL alone does not tell"


def stack_of(graph: _Data, nodes: Sequence[_Node]) -> Stack:
    """The resources and data sources of a graph; `nodes` are its vertices as checkov's attributes, in their order."""
    wires = _Edges(graph, nodes)
    sources = Sources(Path("/"), _folders(nodes))
    resources = [resource for number, node in enumerate(nodes) for resource in _resources(number, node, wires, sources)]
    stack = Stack("", resources, {})
    stack.sources = sources
    return stack


def _resources(number: int, node: _Node, wires: _Edges, sources: Sources) -> Iterator[Resource]:
    if node.get(BLOCK) not in ("resource", "data") or "." not in str(node.get(NAME, "")):
        return
    kind, full = str(node[NAME]).split(".", 1)
    address = address_of(node)
    found = _INDEX.search(full)
    index = json.loads(found[1]) if found else None
    conf = node[CONFIG].get(kind, {}).get(full, {})
    yield Resource(
        address=address,
        module=str(node[ADDRESS]).removesuffix(str(node[NAME])).rstrip("."),
        mode="data" if node[BLOCK] == "data" else "managed",
        type=kind,
        name=_INDEX.sub("", full),
        index=index,
        provider="",
        raw={"change": {"actions": ["create"], "before": None, "after": {}}},
        values=(_block(conf), None, None),
        sources=sources,
        wires=wires.of(number, address),
        read=wires.read,
    )


def address_of(node: _Node) -> str:
    """The address of a resource or data source as Terraform writes it."""
    name = str(node[NAME])
    prefix = str(node[ADDRESS]).removesuffix(name)
    return f"{prefix}data.{name}" if node[BLOCK] == "data" else f"{prefix}{name}"


def _folders(nodes: Sequence[_Node]) -> dict[str, str]:
    folders: dict[str, str] = {}
    for node in nodes:
        if node.get(BLOCK) in ("resource", "data") and ADDRESS in node:
            module = str(node[ADDRESS]).removesuffix(str(node[NAME])).rstrip(".")
            folders[".".join(module_path(module))] = str(Path(str(node[FILE])).parent)
        elif node.get(BLOCK) == "module" and "." not in str(node.get(ADDRESS, "")):
            folders.setdefault("", str(Path(str(node[FILE])).parent))
    return folders


def _block(conf: Mapping[str, _Data]) -> dict[str, _Data]:
    """A block's arguments and blocks as a plan has them; checkov wraps each in a list."""
    values = {
        name: _argument(name, value) for name, value in conf.items() if name not in _META and not name.startswith("__")
    }
    for dynamic in _each(conf.get("dynamic")):
        for name, blocks in dynamic.items():
            made = [_block(_unwrapped(_content(block))) for block in _each(blocks)]
            values[name] = [*(values.get(name) or []), *made]
    return values


def _content(block: Mapping[str, _Data]) -> Mapping[str, _Data]:
    content = next(iter(_each(block.get("content"))), None)
    return content if content is not None else block


def _unwrapped(content: Mapping[str, _Data]) -> Mapping[str, _Data]:
    """The content of a dynamic block, lists wrapped as elsewhere: one of a single element is not."""
    return {
        name: [value] if name.endswith("s") and isinstance(value, list) and not _is_decoded(value) else value
        for name, value in content.items()
    }


def _argument(name: str, value: _Data) -> _Data:
    if not isinstance(value, list):
        return value
    if name in _LISTS_AS_TEXT and _is_decoded(value):
        return json.dumps(value[0] if len(value) == 1 and isinstance(value[0], list) else value)
    if len(value) == 1 and isinstance(value[0], dict) and _is_policy(value[0]):
        return json.dumps(value[0])
    if name in _MAPS and len(value) == 1 and isinstance(value[0], dict):
        return {key: _argument("", item) for key, item in value[0].items() if not key.startswith("__")}
    if value and all(isinstance(item, dict) for item in value):
        return [_block(item) for item in value]
    if len(value) != 1:
        return value
    (inner,) = value
    # in a dynamic block a list is wrapped once more
    return inner[0] if isinstance(inner, list) and len(inner) == 1 and isinstance(inner[0], list) else inner


def _is_decoded(value: list[_Data]) -> bool:
    return any(isinstance(item, dict | list) for item in value)


def _is_policy(value: Mapping[str, _Data]) -> bool:
    return "Statement" in value


def _each(value: _Data) -> Iterator[Mapping[str, _Data]]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item
        elif isinstance(item, list):
            yield from _each(item)


class _Edges:
    """What refers to what, by the edges of the graph: through variables, locals and outputs."""

    def __init__(self, graph: _Data, nodes: Sequence[_Node]) -> None:
        self._nodes = nodes
        self._out: dict[int, list[tuple[str, int]]] = defaultdict(list)
        self._numbers: dict[str, int] = {}
        self._instances: dict[str, list[int]] = defaultdict(list)
        types = {str(node[NAME]).split(".")[0] for node in nodes if node.get(BLOCK) in ("resource", "data")}
        known = "|".join(sorted(map(re.escape, types), key=len, reverse=True))
        self._reference = re.compile(rf"(?<![\w.\-])(?:data\.)?(?:aws_\w+{'|' if known else ''}{known}){_REST}")
        for number, node in enumerate(nodes):
            if node.get(BLOCK) in ("resource", "data"):
                self._instances[without_index(address_of(node))].append(number)
        for origin, target, label in _edges(graph):
            if not label.startswith("["):
                self._out[origin].append((label, target))

    def of(self, number: int, address: str) -> _Wires:
        """The wires of one resource."""
        self._numbers[address] = number
        return _Wires(self, number)

    def feeds(self, number: int, path: str) -> tuple[Feed, ...]:
        """What leads to the value at a path."""
        wanted = ".".join(str(step) for step in parse_path(path) if isinstance(step, str))
        found: dict[Feed, None] = {}
        for label, target in self._out.get(number, ()):
            is_there = label == wanted or label.startswith(f"{wanted}.") or wanted.startswith(f"{label}.")
            if label in ("for_each", "count") and self._is_repeated(number):
                # the graph leads to one instance of those that are meant
                for feed in self._ends(target, set()):
                    siblings = self._instances[without_index(feed.address)]
                    found.update((Feed(address_of(self._nodes[other]), feed.attribute), None) for other in siblings)
            elif is_there:
                found.update(dict.fromkeys(self._ends(target, set())))
        return tuple(found)

    def _is_repeated(self, number: int) -> bool:
        """Whether a block says which of its instances it is."""
        text = json.dumps(self._nodes[number].get(CONFIG, {}), default=str)
        return "each." in text or "count." in text

    def _ends(self, number: int, seen: set[int]) -> Iterator[Feed]:
        if number in seen:
            return
        seen.add(number)
        node = self._nodes[number]
        kind = node.get(BLOCK)
        if kind in ("resource", "data"):
            yield Feed(address_of(node), "json" if "aws_iam_policy_document" in str(node[NAME]) else "")
        for label, target in self._out.get(number, ()) if kind in ("variable", "locals", "output") else ():
            if self._nodes[target].get(BLOCK) == "module":
                for inner, end in self._out.get(target, ()):
                    if inner.split(".")[0] == node[NAME]:
                        yield from self._ends(end, seen)
            elif label:
                yield from self._ends(target, seen)

    def read(self, text: str, address: str, path: str) -> Value:
        """A text of the HCL as a value: with what feeds it, or unknown, or as it is."""
        if _DOCUMENT.search(text) and "{" not in text.replace("${", ""):
            return Unknown(address, path, WHY)
        found = list(self._reference.finditer(text))
        rest = self._reference.sub("", text).replace("${}", "")
        if _UNTOLD.search(rest) and not rest.lstrip().startswith(("{", "[")):
            return Unknown(address, path, WHY)
        if not found:
            return text
        number = self._numbers.get(address)
        feeds = self.feeds(number, path) if number is not None else ()
        if "${" in text:
            shown = _INTERPOLATION.sub(lambda match: self._reference.sub(_spelled, match[1]), text)
        else:
            shown = self._reference.sub(_spelled, text)
        return Traced(shown, feeds, address, path, raw=text)


class _Wires:
    """The wiring of one resource."""

    def __init__(self, edges: _Edges, number: int) -> None:
        self._edges = edges
        self._number = number

    def wiring(self, resource: Resource, path: str) -> Wiring:
        """What feeds a value, by the references in it."""
        feeds = self._edges.feeds(self._number, path)
        exact = len(feeds) == 1 or not _holds_unknown(resource, path)
        return Wiring(feeds, exact=exact, reason="" if exact else WHY)

    def ways(self, resource: Resource, path: str) -> tuple[Way, ...]:
        """The argument that sets a value, where one does; the graph keeps no more of the way."""
        first, *_ = parse_path(path)
        if first not in self.arguments(resource):
            return ()
        return ((Link("argument", f"{resource.address}.{path}", resource.place_of(path)),),)

    def arguments(self, resource: Resource) -> tuple[str, ...]:
        """What the block sets."""
        known, _, _ = resource.raw_values
        return tuple(known)


def _holds_unknown(resource: Resource, path: str) -> bool:
    """Whether a part of what is at a path is not known."""
    try:
        pending = [follow(resource.values, parse_path(path))]
    except LookupError:
        return False
    while pending:
        value = pending.pop()
        if isinstance(value, Unknown):
            return True
        pending += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return False


def _spelled(reference: re.Match[str]) -> str:
    """What stands for a reference: what begins like an ARN where it is one."""
    text = reference[0]
    return f"arn:aws:terraform:::{text}" if text.endswith("arn") else text


def _edges(graph: _Data) -> Iterator[tuple[int, int, str]]:
    if hasattr(graph, "weighted_edge_list"):
        for origin, target, data in graph.weighted_edge_list():
            yield origin, target, str(data["label"])
        return
    numbers = {key: number for number, key in enumerate(graph.nodes())}
    for origin, target, data in graph.edges(data=True):
        yield numbers[origin], numbers[target], str(data.get("label", ""))
