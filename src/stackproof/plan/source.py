"""Where in the HCL a resource is written: file and line of its block, and of the argument that a path leads to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stackproof.plan.paths import Step
from stackproof.terraform import hcl


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


def place_in(block: hcl.Block, steps: Sequence[Step] = ()) -> Place:
    """The line of the argument or nested block that the steps lead to, as deep as the HCL spells it out."""
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
        number = steps[0] if steps and isinstance(steps[0], int) else 0
        if not nested:
            break
        # a dynamic block stands once in the source, however many it makes
        chosen = nested[number] if number < len(nested) else nested[-1]
        line, block = chosen.line, chosen
        steps = steps[1:] if steps and isinstance(steps[0], int) else steps
        if chosen.kind == "dynamic":
            block = next((inner for inner in chosen.blocks if inner.kind == "content"), chosen)
    return Place(block.file, line)
