"""What the HCL declares beside resources: `terraform` blocks and module calls, for rules as if they were resources.

`terraform` has `required_version` and `required_providers` (a map), in the root module `backend` (a block with its
`type`, and what the environment's backend configuration adds) and `locked`, the providers of the lock file with their
versions. `module` has `source` and `version`. https://developer.hashicorp.com/terraform/language/block/terraform
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from stackproof.plan import Place, Resource
from stackproof.plan.paths import parse_path
from stackproof.plan.references.expressions import Expression, Fields, Listing, Literal, Name
from stackproof.plan.references.syntax import from_syntax
from stackproof.plan.source import Sources, place_in
from stackproof.plan.values import Unknown
from stackproof.terraform import hcl, lockfile

_Data = Any

TERRAFORM, MODULE = "terraform", "module"

WHY = "it is no constant"


class Declaration(Resource):
    """A block that is no resource, as one."""

    def __init__(self, block: hcl.Block, address: str, module: str, values: Mapping[str, _Data]) -> None:
        super().__init__(
            address=address,
            module=module,
            mode="managed",
            type=block.kind,
            name=block.labels[0] if block.labels else block.kind,
            index=None,
            provider="",
            raw={"change": {"actions": ["no-op"]}},
            values=(values, None, None),
            sources=None,
        )
        self._block = block
        self._given = dict(values)

    @property
    def values(self) -> _Data:
        """The constants in the block."""
        return self._given

    def place_of(self, path: str) -> Place | None:
        """File and line of the argument that a path leads to."""
        return place_in(self._block, parse_path(path) if path else ())


def declarations(sources: Sources, backend: Iterable[Path] = ()) -> tuple[Declaration, ...]:
    """Every `terraform` block and module call; `backend` are the files of the environment's backend configuration.

    Raises TerraformError for a lock file that cannot be read.
    """
    return tuple(found for path in sources.modules for found in _of_module(sources, path, backend))


def _of_module(sources: Sources, path: tuple[str, ...], backend: Iterable[Path]) -> Iterator[Declaration]:
    module = ".".join(f"module.{name}" for name in path)
    prefix = f"{module}." if module else ""
    for block in sources.blocks(path, MODULE):
        address = f"{prefix}module.{block.labels[0]}"
        yield Declaration(block, address, module, _constants(block, address))
    blocks = sources.blocks(path, TERRAFORM)
    values = [_constants(block, f"{prefix}{TERRAFORM}") for block in blocks]
    everything = {key: value for given in values for key, value in given.items()}
    if path == ():
        everything["locked"] = {lock.address: lock.version for lock in lockfile.read_lock_file(sources.folder)}
        for given in everything.get("backend", ()):
            given.update(_of_files(backend))
    for block, given in zip(blocks, values, strict=True):
        # what one block leaves out another may say, so that each knows of all; places are those of its own
        yield Declaration(block, f"{prefix}{TERRAFORM}", module, {**everything, **given})


def _of_files(files: Iterable[Path]) -> dict[str, _Data]:
    found: dict[str, _Data] = {}
    for file in files:
        for argument in hcl.parse_file(file).arguments:
            found[argument.name] = _value(argument, "backend")
    return found


def _constants(block: hcl.Block, address: str) -> dict[str, _Data]:
    values: dict[str, _Data] = {argument.name: _value(argument, address) for argument in block.arguments}
    for inner in block.blocks:
        given = _constants(inner, address)
        if inner.kind == "required_providers":
            values[inner.kind] = given
        else:
            label = {"type": inner.labels[0]} if inner.labels else {}
            values.setdefault(inner.kind, []).append({**label, **given})
    return values


def _value(argument: hcl.Argument, address: str) -> _Data:
    expression = from_syntax(argument.node) if argument.node is not None else None
    return _constant(expression, address, argument.name)


def _constant(expression: Expression | None, address: str, path: str) -> _Data:
    match expression:
        case Literal(value):
            return value
        case Listing(items):
            return [_constant(item, address, path) for item in items]
        case Fields(pairs):
            return {_key(key): _constant(value, address, path) for key, value in pairs}
    return Unknown(address, path, WHY)


def _key(key: Expression) -> str:
    return key.text if isinstance(key, Name) else str(key.value) if isinstance(key, Literal) else "?"
