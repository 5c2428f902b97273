"""Write the reference tables in the READMEs of a Terraform root module and of its modules/*.

The tables keep to the format of terraform-docs (its `markdown table`), so that either tool can maintain them.
https://terraform-docs.io/reference/markdown-table/
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- BEGIN_TF_DOCS -->", "<!-- END_TF_DOCS -->"
IMPLIED_TYPES = {bool: "bool", int: "number", float: "number", str: "string", list: "list", dict: "map"}

_parser = Parser(Language(tree_sitter_hcl.language()))


class DocsError(Exception):
    """What is wrong, behind the place where it is wrong."""


@dataclass(frozen=True)
class Block:
    """A top-level block: its labels, and by name the expressions and blocks in it."""

    kind: str
    labels: tuple[str, ...]
    members: dict[str, Node]
    file: Path

    def constant(self, name: str) -> object:
        """The value of an argument, None where it is not set; raises DocsError where it is no constant."""
        return _constant(self.members[name], self.file) if name in self.members else None

    def string(self, name: str) -> str:
        """The same for a string, empty where it is not set."""
        return str(self.constant(name) or "")


@dataclass(frozen=True)
class Provider:
    """An entry of `required_providers`."""

    source: str
    version: str = ""


def main() -> int:
    """Rewrite the READMEs, or with --check only name those that are out of date."""
    parser = argparse.ArgumentParser(description="Write the reference tables in a Terraform stack's READMEs.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "terraform", help="the root module")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if a README is out of date")
    options = parser.parse_args()
    root = options.folder.resolve()
    modules = {file.parent for pattern in ("*.tf", "modules/*/*.tf") for file in root.glob(pattern)}
    stale = 0
    try:
        for readme in sorted(module / "README.md" for module in modules):
            text, wanted = documented(readme)
            if text != wanted:
                stale += 1
                print(f"{_shown(readme)}: {'out of date, run `make docs`' if options.check else 'written'}")
                if not options.check:
                    readme.write_text(wanted, encoding="utf-8")
    except DocsError as error:
        print(error, file=sys.stderr)
        return 1
    return 1 if options.check and stale else 0


def documented(readme: Path) -> tuple[str, str]:
    """A README as it is and as it should be; raises DocsError where it has no place for the tables."""
    text = readme.read_text(encoding="utf-8") if readme.exists() else ""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise DocsError(f"{_shown(readme)}: has no {END if begin else BEGIN} where the tables go")
    return text, f"{before}{BEGIN}\n{tables(readme.parent)}\n{END}{after}"


def tables(folder: Path) -> str:
    """The six tables of a module; raises DocsError at the first syntax error."""
    blocks = [block for file in sorted(folder.glob("*.tf")) for block in read(file)]
    settings, modules, resources, data, variables, outputs = (
        sorted((block for block in blocks if block.kind == kind), key=lambda block: block.labels)
        for kind in ("terraform", "module", "resource", "data", "variable", "output")
    )
    required = {name: provider for block in settings for name, provider in _required_providers(block)}
    used = sorted({_provider(block) for block in resources + data})
    providers = {name: Provider(f"hashicorp/{name}") for _, name in used} | required
    locked = {
        block.labels[0].rpartition("/")[2]: block.string("version")
        for lock_file in folder.glob(".terraform.lock.hcl")
        for block in read(lock_file)
    }
    constraints = [("terraform", block.string("required_version")) for block in settings]
    constraints += sorted((name, provider.version) for name, provider in required.items())
    versions = [(reference, locked.get(name) or providers[name].version or "n/a") for reference, name in used]
    sections = (
        _table("Requirements", "Name | Version", [(_anchor("requirement", n), v) for n, v in constraints if v]),
        _table("Providers", "Name | Version", [(_anchor("provider", n), v) for n, v in versions]),
        _table("Modules", "Name | Source | Version", map(_module, modules)),
        _table("Resources", "Name | Type", [_resource(block, providers) for block in resources + data]),
        _table("Inputs", "Name | Description | Type | Default | Required", map(_input, variables)),
        _table("Outputs", "Name | Description", map(_output, outputs)),
    )
    return "\n\n".join(sections)


def read(file: Path) -> list[Block]:
    """The top-level blocks of a file; raises DocsError at its first syntax error."""
    root = _parser.parse(file.read_bytes()).root_node
    if root.has_error:
        raise DocsError(f"{_place(_first_error(root), file)}: not valid HCL")
    blocks = []
    for node in (child for body in root.children for child in body.children if child.type == "block"):
        words = [_text(child) for child in node.children if child.type in {"identifier", "string_lit"}]
        kind, *labels = (word.strip('"') for word in words)
        blocks.append(Block(kind, tuple(labels), _members(node), file))
    return blocks


def _required_providers(settings: Block) -> Iterator[tuple[str, Provider]]:
    if "required_providers" in settings.members:
        for name, entry in _members(settings.members["required_providers"]).items():
            # Only these two are constant: configuration_aliases holds references.
            given = {key: value for key, value in _members(entry).items() if key in {"source", "version"}}
            known = {key: str(_constant(value, settings.file)) for key, value in given.items()}
            yield name, Provider(known.get("source", f"hashicorp/{name}"), known.get("version", ""))


def _provider(resource: Block) -> tuple[str, str]:
    """How a resource refers to its provider, and the provider's name: the same but for an alias."""
    chosen = resource.members.get("provider")
    reference = _text(chosen) if chosen else resource.labels[0].partition("_")[0]
    return reference, reference.partition(".")[0]


def _module(block: Block) -> tuple[str, ...]:
    source, _, ref = block.string("source").partition("?ref=")
    return _anchor("module", block.labels[0]), source, block.string("version") or ref or "n/a"


def _resource(block: Block, providers: dict[str, Provider]) -> tuple[str, ...]:
    _, name = _provider(block)
    provider = providers[name]
    address, mode = ".".join(block.labels), "data source" if block.kind == "data" else "resource"
    if provider.source.count("/") != 1:  # not in the public registry
        return address, mode
    exact = re.fullmatch(r"=? ?(\d\S*)", provider.version)
    docs = f"https://registry.terraform.io/providers/{provider.source}/{exact[1] if exact else 'latest'}/docs"
    page = f"{mode.replace(' ', '-')}s/{block.labels[0].removeprefix(f'{name}_')}"
    return f"[{address}]({docs}/{page})", mode


def _input(block: Block) -> tuple[str, ...]:
    default, kind = block.constant("default"), block.members.get("type")
    optional = "default" in block.members
    return (
        _anchor("input", block.labels[0]),
        _prose(block.string("description")),
        _code(_text(kind) if kind else IMPLIED_TYPES.get(type(default), "any")),
        _code(json.dumps(default, indent=2, sort_keys=True, ensure_ascii=False)) if optional else "n/a",
        "no" if optional else "yes",
    )


def _output(block: Block) -> tuple[str, ...]:
    return _anchor("output", block.labels[0]), _prose(block.string("description"))


def _table(title: str, columns: str, rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return f"## {title}\n\nNo {title.lower()}."
    rule = re.sub(r"\w", "-", columns.replace("Required", ":------:"))
    return "\n".join((f"## {title}", "", f"| {columns} |", f"| {rule} |", *lines))


def _anchor(kind: str, name: str) -> str:
    escaped = name.replace("_", r"\_")
    return rf'<a name="{kind}_{name}"></a> [{escaped}](#{kind}\_{escaped})'


def _prose(text: str) -> str:
    """A description in a cell: `_` and `|` would be Markdown there, except in code and URLs."""
    escaped = re.sub(r"(`[^`]*`|https?://\S+)|([_|])", lambda hit: hit[1] or f"\\{hit[2]}", text.strip())
    return re.sub(r" *\n", "<br/>", escaped) or "n/a"


def _code(text: str) -> str:
    lines = text.split("\n")
    return f"<pre>{'<br/>'.join(lines)}</pre>" if len(lines) > 1 else f"`{text}`"


def _members(node: Node) -> dict[str, Node]:
    """What stands in a block or an object, by name."""
    members: dict[str, Node] = {}
    for child in node.named_children:
        if child.type in {"body", "expression", "collection_value", "object"}:  # they only wrap it
            members |= _members(child)
        elif child.type == "block":
            members[_text(child.children[0])] = child
        elif child.type in {"attribute", "object_elem"}:
            name, value = (part for part in child.named_children if part.type != "comment")
            members[_text(name).strip('"')] = value
    return members


def _constant(node: Node, file: Path) -> object:
    """The value of a constant expression; its literals and escapes are those of JSON."""
    match node.type:
        case "string_lit" | "numeric_lit" | "bool_lit" | "null_lit" | "unary_operation":
            return json.loads(_text(node).replace("$${", "${").replace("%%{", "%{"))
        case "tuple":
            return [_constant(child, file) for child in node.named_children if child.type == "expression"]
        case "object":
            return {name: _constant(value, file) for name, value in _members(node).items()}
        case "heredoc_template":
            opening, *lines, _ = _text(node).splitlines(keepends=True)
            return textwrap.dedent("".join(lines)) if opening.startswith("<<-") else "".join(lines)
        case "expression" | "literal_value" | "collection_value" | "template_expr" | "operation":
            return _constant(node.named_children[0], file)
    raise DocsError(f"{_place(node, file)}: has to be a constant, and is `{_text(node)}`")


def _first_error(node: Node) -> Node:
    while not (node.is_error or node.is_missing):
        node = next(child for child in node.children if child.has_error)
    return node


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def _place(node: Node, file: Path) -> str:
    return f"{_shown(file)}:{node.start_point.row + 1}"


def _shown(file: Path) -> str:
    return str(file.relative_to(ROOT) if file.is_relative_to(ROOT) else file)


if __name__ == "__main__":
    sys.exit(main())
