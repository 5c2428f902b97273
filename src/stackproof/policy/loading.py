"""Finds the rules in folders, and loads them.

Which rules there are is read from the files' syntax, so that nothing has to be imported to list them.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stackproof.errors import PolicyError

if TYPE_CHECKING:
    from stackproof.policy.rule import Rule


@dataclass(frozen=True)
class RuleFile:
    """A file that holds a rule, and the rule's id."""

    id: str
    file: Path


@dataclass(frozen=True)
class Index:
    """The rules of some folders by id, and what is wrong with their files."""

    files: tuple[RuleFile, ...]
    problems: tuple[str, ...]


def index(folders: Iterable[Path]) -> Index:
    """The rules below folders, in the order of their ids.

    A file with a syntax error, without an id, or with an id that another file has is a problem, and the others stand.
    Raises PolicyError for a folder that is not there.
    """
    found: dict[str, RuleFile] = {}
    problems: list[str] = []
    for folder in folders:
        if not folder.is_dir():
            raise PolicyError("there is no such folder of policies", where=str(folder))
        for file in sorted(folder.rglob("*.py")):
            if file.name.startswith("_") or "__pycache__" in file.parts:
                continue
            try:
                number = _id(file)
            except (SyntaxError, ValueError, OSError) as error:
                problems.append(f"{file}: cannot be read: {error}")
                continue
            if number is None:
                problems.append(f"{file}: holds no rule: there is no About(id=...) in it")
            elif number in found:
                problems.append(f"{file}: {number} is the id of {found[number].file}, too")
            else:
                found[number] = RuleFile(number, file)
    return Index(tuple(found[number] for number in sorted(found)), tuple(problems))


def load(file: RuleFile) -> Rule:
    """The rule in a file; raises PolicyError where it cannot be loaded."""
    require_checkov()
    from stackproof.policy.rule import Rule

    path = file.file.resolve()
    version = f"{path} {path.stat().st_mtime_ns}"
    name = f"stackproof_policies.{path.stem}_{hashlib.sha256(version.encode()).hexdigest()[:12]}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            del sys.modules[name]
            raise PolicyError(
                f"the rule cannot be loaded: {type(error).__name__}: {error}", where=str(file.file)
            ) from error
    rules = [value for value in vars(sys.modules[name]).values() if isinstance(value, Rule)]
    if len(rules) != 1:
        raise PolicyError(
            f"there are {len(rules)} rules in it", where=str(file.file), remedy="a file makes one: check = TheRule()."
        )
    return rules[0]


def require_checkov() -> None:
    """Raise PolicyError where checkov is not installed."""
    if importlib.util.find_spec("checkov") is None:
        raise PolicyError(
            "rules are checks of checkov, which is not here", remedy="install it: pip install 'stackproof[policies]'."
        )


def _id(file: Path) -> str | None:
    """The id that a file's `About(id=...)` gives."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "About":
            for keyword in node.keywords:
                if keyword.arg == "id" and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
    return None
