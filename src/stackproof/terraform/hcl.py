"""HCL's structure with exact places: blocks, their labels and arguments, and the lines they stand on.

Only syntax is read here; what an expression means is Terraform's business.
https://developer.hashicorp.com/terraform/language/syntax/configuration
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tree_sitter import Language, Node, Parser


@dataclass(frozen=True)
class Argument:
    """`name = expression`: the expression's source text and syntax tree, and the line (from 1) of the name."""

    name: str
    text: str
    line: int
    node: Node | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Block:
    """A block such as `resource "aws_vpc" "this" { ... }`, with the first and last line it stands on (from 1)."""

    kind: str
    labels: tuple[str, ...]
    file: Path
    line: int
    end_line: int
    arguments: tuple[Argument, ...] = ()
    blocks: tuple[Block, ...] = field(default=(), repr=False)

    def argument(self, name: str) -> Argument | None:
        """The argument of that name, None where the block does not set it."""
        return next((argument for argument in self.arguments if argument.name == name), None)


@dataclass(frozen=True)
class Call:
    """A function call: the function's name and the source text of its arguments."""

    name: str
    arguments: tuple[str, ...]


class Source:
    """One parsed file: its top-level blocks and, once asked for, every function call in it."""

    def __init__(self, file: Path, text: bytes) -> None:
        self.file = file
        self.text = text
        self._root = _parser().parse(text).root_node
        self.blocks = tuple(_blocks(self._root, file))

    @functools.cached_property
    def arguments(self) -> tuple[Argument, ...]:
        """The arguments outside every block, as a file of variables or of a backend's configuration has them."""
        bodies = [child for child in self._root.children if child.type == "body"]
        return tuple(_argument(inner) for body in bodies for inner in body.children if inner.type == "attribute")

    @functools.cached_property
    def calls(self) -> tuple[Call, ...]:
        """Every function call in the file."""
        calls: list[Call] = []
        _collect_calls(self._root, calls)
        return tuple(calls)


def parse_file(file: Path) -> Source:
    """Read one `.tf` file; syntax errors leave out what cannot be read (Terraform reports them better).

    Raises OSError where the file cannot be read.
    """
    status = file.stat()
    return _parsed(file, status.st_mtime_ns, status.st_size, status.st_ino)


@functools.lru_cache(maxsize=1024)
def _parsed(file: Path, *_: int) -> Source:
    return Source(file, file.read_bytes())


def configuration_files(folder: Path) -> list[Path]:
    """The files of a module in HCL syntax, sorted: `*.tf` directly in the folder."""
    return sorted(file for file in folder.glob("*.tf") if file.is_file())


@functools.cache
def _parser() -> Parser:
    import tree_sitter_hcl

    return Parser(Language(tree_sitter_hcl.language()))


def _blocks(node: Node, file: Path) -> Iterator[Block]:
    for body in node.children:
        if body.type == "body":
            yield from _blocks(body, file)
        elif body.type == "block":
            yield _block(body, file)


def _block(node: Node, file: Path) -> Block:
    names: list[str] = []
    arguments: tuple[Argument, ...] = ()
    blocks: tuple[Block, ...] = ()
    for child in node.children:
        if child.type in ("identifier", "string_lit"):
            names.append(_text(child).strip('"'))
        elif child.type == "body":
            arguments = tuple(_argument(inner) for inner in child.children if inner.type == "attribute")
            blocks = tuple(_blocks(child, file))
    first, last = node.start_point.row + 1, node.end_point.row + 1
    return Block(names[0], tuple(names[1:]), file, first, last, arguments, blocks)


def _argument(node: Node) -> Argument:
    expression = node.children[-1]
    return Argument(_text(node.children[0]), _text(expression), node.start_point.row + 1, expression)


def _collect_calls(node: Node, into: list[Call]) -> None:
    pending = [node]
    while pending:
        current = pending.pop()
        if current.type == "function_call":
            name = _text(current.children[0])
            given = [child for child in current.children if child.type == "function_arguments"]
            arguments = [_text(child) for group in given for child in group.children if child.type == "expression"]
            into.append(Call(name, tuple(arguments)))
        pending.extend(current.children)


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", errors="replace")
