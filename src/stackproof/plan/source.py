"""Where in the HCL a resource is written: file and line of its block, and of the argument that a path leads to."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stackproof.plan.paths import Step
from stackproof.plan.values import Value
from stackproof.terraform import hcl

_LAST_COMMA = re.compile(r",\s*\]$")


@dataclass(frozen=True)
class Place:
    """A line (from 1) in a file."""

    file: Path
    line: int

    def __str__(self) -> str:
        try:
            shown = self.file.relative_to(Path.cwd())
        except ValueError:
            shown = self.file
        return f"{shown}:{self.line}"


class Sources:
    """The HCL of one root module; files are read when a place in them is first asked for.

    `folder` is the root module's, `modules` maps module paths ("", "vpc", "vpc.nat") to folders relative to it.
    """

    def __init__(self, folder: Path, modules: Mapping[str, str]) -> None:
        self._folder = folder
        self._modules = modules
        self._blocks: dict[str, tuple[hcl.Block, ...]] = {}
        self._by_labels: dict[str, dict[tuple[str, ...], hcl.Block]] = {}

    @property
    def folder(self) -> Path:
        """The root module's folder."""
        return self._folder / self._modules.get("", ".")

    @property
    def modules(self) -> tuple[tuple[str, ...], ...]:
        """The paths of all modules, () for the root."""
        return tuple(tuple(path.split(".")) if path else () for path in self._modules)

    def block(self, module: Sequence[str], kind: str, labels: Sequence[str]) -> hcl.Block | None:
        """The block of that kind and labels in a module, None where it is not in HCL syntax or not at hand."""
        key = ".".join(module)
        if key not in self._by_labels:
            self._by_labels[key] = {(block.kind, *block.labels): block for block in self._all(key)}
        return self._by_labels[key].get((kind, *labels))

    def blocks(self, module: Sequence[str], kind: str) -> tuple[hcl.Block, ...]:
        """Every block of a kind in a module, such as its `locals`; none where they are not at hand."""
        return tuple(block for block in self._all(".".join(module)) if block.kind == kind)

    def module_calls(self, module: Sequence[str]) -> tuple[Place, ...]:
        """The places of the `module` blocks that lead to a module, the root's first."""
        blocks = [self.block(module[:depth], "module", [name]) for depth, name in enumerate(module)]
        return tuple(Place(block.file, block.line) for block in blocks if block)

    def _all(self, module: str) -> tuple[hcl.Block, ...]:
        if module not in self._blocks:
            self._blocks[module] = tuple(self._read(module))
        return self._blocks[module]

    def _read(self, module: str) -> Iterator[hcl.Block]:
        if module not in self._modules:
            return
        folder = self._folder / self._modules[module]
        if ".." in folder.parts:
            folder = folder.resolve()
        for file in hcl.configuration_files(folder):
            yield from hcl.parse_file(file).blocks


def place_in(block: hcl.Block, steps: Sequence[Step] = (), planned: Value = None) -> Place:
    """The line of the argument or nested block that the steps lead to, as deep as the HCL spells it out.

    `planned` is what the block becomes: by its values nested blocks of a name are told apart, which a plan has in an
    order of its own where they are a set.
    """
    line = block.line
    while steps and isinstance(steps[0], str):
        name, steps = steps[0], steps[1:]
        argument = block.argument(name)
        if argument:
            line = argument.line
            break
        nested = [
            inner
            for inner in block.blocks
            if inner.kind == name or (inner.kind == "dynamic" and inner.labels == (name,))
        ]
        if not nested:
            break
        planned = planned.get(name) if isinstance(planned, dict) else None
        chosen = nested[0]
        if steps and isinstance(steps[0], int):
            number, steps = steps[0], steps[1:]
            items = planned if isinstance(planned, list) else []
            chosen = _origin(nested, items, number)
            planned = items[number] if number < len(items) else None
        line, block = chosen.line, _content(chosen)
    return Place(block.file, line)


def _origin(blocks: Sequence[hcl.Block], planned: Sequence[Value], number: int) -> hcl.Block:
    """Which of the nested blocks of a name made the planned one of that number.

    It is the one that agrees best with it. Where several do, they have made those that are planned with which just they
    agree best, in the same order; and where that does not come out even, it is the one at the same position.
    """
    position = min(number, len(blocks) - 1)
    if len(blocks) == 1 or number >= len(planned):
        return blocks[position]
    agreements = [_agreement(block, planned[number]) for block in blocks]
    agreeing = [which for which, agreement in enumerate(agreements) if agreement >= 0]
    if len(agreeing) < 2:
        return blocks[agreeing[0] if agreeing else position]
    best = _highest(agreements)
    alike = [
        other for other, item in enumerate(planned) if _highest([_agreement(block, item) for block in blocks]) == best
    ]
    # a dynamic block stands once in the source, however many it makes: as many as the others leave to it
    left = len(alike) - sum(blocks[which].kind != "dynamic" for which in best)
    made = [which for which in best for _ in range(left if blocks[which].kind == "dynamic" else 1)]
    if len(made) == len(alike):
        return blocks[made[alike.index(number)]]
    return blocks[position if position in agreeing else best[0]]


def _highest(numbers: Sequence[int]) -> list[int]:
    highest = max(numbers)
    return [position for position, number in enumerate(numbers) if number == highest]


def _agreement(block: hcl.Block, planned: Value) -> int:
    """How much of what a nested block spells out is planned; -1 where something else is. What is unknown may be it."""
    if not isinstance(planned, dict):
        return 0
    body, count = _content(block), 0
    for argument in body.arguments:
        written = _literal(argument.text)
        value = _known(planned[argument.name]) if argument.name in planned else None
        if written is None or value is None:
            continue
        if written != value:
            return -1
        count += 1
    for inner in body.blocks:
        items = planned.get(inner.kind)
        if isinstance(items, list):
            agreement = max((_agreement(inner, item) for item in items), default=-1)
            if agreement < 0:
                return -1
            count += 1 + agreement
    return count


def _content(block: hcl.Block) -> hcl.Block:
    contents = [inner for inner in block.blocks if inner.kind == "content"] if block.kind == "dynamic" else []
    return contents[0] if contents else block


@functools.lru_cache(maxsize=4096)
def _literal(text: str) -> str | None:
    """What an argument spells out, as `_known` has its value; None where that is null, or no literal."""
    if "${" in text or "%{" in text:
        return None
    try:
        value = json.loads(_LAST_COMMA.sub("]", text))
    except ValueError:
        return None
    return None if value is None else _known(value)


def _known(value: Value) -> str | None:
    """A value as a text that is the same for what a provider converts or reorders; None where a part is not known."""
    if isinstance(value, dict):
        value = [list(pair) for pair in value.items()]
    if isinstance(value, list):
        parts = [_known(part) for part in value]
        known = sorted(part for part in parts if part is not None)
        return repr(known) if len(known) == len(parts) else None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value).lower()
    return "" if value is None else None
