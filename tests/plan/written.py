"""The stack as it is written: what no plan can say, such as types, comments, files and branches not taken."""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from stackproof.terraform import hcl
from stackproof.terraform.hcl import Block

REPOSITORY = Path(__file__).parents[2]
TERRAFORM = REPOSITORY / "terraform"
ENVIRONMENTS = ("dev", "staging", "prod")


@dataclass(frozen=True)
class Module:
    """One module's folder and the blocks in it."""

    name: str
    folder: Path

    @property
    def blocks(self) -> tuple[Block, ...]:
        return _blocks(self.folder)

    @property
    def variables(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.kind == "variable")

    @property
    def outputs(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.kind == "output")

    @property
    def output_names(self) -> set[str]:
        return {output.labels[0] for output in self.outputs}

    @property
    def readme(self) -> str:
        return (self.folder / "README.md").read_text(encoding="utf-8")

    def block(self, kind: str, *labels: str) -> Block:
        found = [block for block in self.blocks if block.kind == kind and block.labels == labels]
        assert len(found) == 1, f"{self.folder} has {len(found)} blocks {kind} {' '.join(labels)}"
        return found[0]

    def resource(self, type: str, name: str = "this") -> Block:
        return self.block("resource", type, name)


def root() -> Module:
    """The root module."""
    return Module("", TERRAFORM)


def modules() -> dict[str, Module]:
    """The modules by name."""
    folders = sorted(folder for folder in (TERRAFORM / "modules").iterdir() if folder.is_dir())
    return {folder.name: Module(folder.name, folder) for folder in folders}


def module(name: str) -> Module:
    """One module."""
    return Module(name, TERRAFORM / "modules" / name)


def every_module() -> tuple[Module, ...]:
    """The root module and all others."""
    return (root(), *modules().values())


def expression(block: Block, name: str) -> str:
    """The source text of an argument in one line, "" where the block does not set it."""
    argument = block.argument(name)
    return " ".join(argument.text.split()) if argument else ""


def nested(block: Block, kind: str) -> tuple[Block, ...]:
    """The blocks of a kind directly inside a block; those that `dynamic` makes are its content."""
    found = [inner for inner in block.blocks if inner.kind == kind]
    dynamic = [inner for inner in block.blocks if inner.kind == "dynamic" and inner.labels == (kind,)]
    return (*found, *(content for inner in dynamic for content in nested(inner, "content")))


def inside(block: Block) -> Iterator[Block]:
    """A block and all blocks in it, however deep."""
    yield block
    for inner in block.blocks:
        yield from inside(inner)


def place(block: Block) -> str:
    """Where a block stands and what it is, for messages."""
    return f"{block.file.relative_to(REPOSITORY)}:{block.line} {' '.join([block.kind, *block.labels])}"


def settings(file: Path) -> Mapping[str, str]:
    """The arguments of a file of plain `name = value` lines, such as a variables or a backend file, as text."""
    lines = re.findall(r"^(\w+)\s*=\s*(.+?)\s*$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: text.strip('"') for name, text in lines}


@functools.cache
def _blocks(folder: Path) -> tuple[Block, ...]:
    return tuple(block for file in hcl.configuration_files(folder) for block in hcl.parse_file(file).blocks)
