"""A rule with a condition turned around, or with nothing in it, is told from the rule by its examples."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from stackproof.policy.rule import Rule
from stackproof.verdict import Verdict

from .conftest import Read
from .examples import RULES, Example, lines

JUDGES = ("judge", "judge_statement")


def conditions(tree: ast.AST) -> list[ast.expr]:
    """What in a file decides: the tests of statements and expressions, and the parts of what is joined in them."""
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.IfExp | ast.While):
            found.append(node.test)
            found += node.test.values if isinstance(node.test, ast.BoolOp) else []
        elif isinstance(node, ast.comprehension):
            found += node.ifs
    return found


def mutants(source: str) -> Iterator[tuple[str, ast.Module]]:
    """A file without its instance, changed in one way after another, and what was changed."""
    tree = ast.parse(source)
    tree.body = [
        node
        for node in tree.body
        if not (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and ast.unparse(node.targets[0]) == "check"
        )
    ]
    for number, condition in enumerate(conditions(tree)):
        changed = copy.deepcopy(tree)
        target = conditions(changed)[number]
        negated = ast.UnaryOp(ast.Not(), copy.deepcopy(target))
        yield f"not ({ast.unparse(condition)})", _Replace(target, negated).visit(changed)
    for number, node in enumerate(_judges(tree)):
        changed = copy.deepcopy(tree)
        _judges(changed)[number].body = [ast.Pass()]
        yield f"nothing in {node.name}", changed


def _is_instance(node: ast.Assign) -> bool:
    return ast.unparse(node.targets[0]) == "check"


def _judges(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in JUDGES]


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> Any:
        return self._new if node is self._old else self.generic_visit(node)


def made(tree: ast.Module) -> Rule:
    """The rule in a changed file, without checkov knowing of it."""
    names: dict[str, Any] = {"__name__": "mutant"}
    exec(compile(ast.fix_missing_locations(tree), "mutant", "exec"), names)  # noqa: S102
    (kind,) = [
        value
        for value in names.values()
        if isinstance(value, type) and issubclass(value, Rule) and value.__module__ == "mutant"
    ]
    rule: Rule = object.__new__(kind)
    return rule


def seen(rule: Rule, read: Read, pair: tuple[Example, Example]) -> tuple[object, ...]:
    """What a rule makes of its examples."""
    return tuple(
        (lines(found, example, read.root, verdict), any(f.is_error for f in found))
        for example in pair
        for found in [read.findings(rule, example)]
        for verdict in (Verdict.FAIL, Verdict.UNDECIDED)
    )


@pytest.mark.parametrize("file", RULES.files, ids=lambda file: file.id)
def test_a_changed_rule_does_not_pass_its_examples(file: Any, planned: Read, rules: Mapping[str, Rule]) -> None:
    pair = Example(file, keeps=True), Example(file, keeps=False)
    expected = seen(rules[file.id], planned, pair)
    changed = list(mutants(file.file.read_text(encoding="utf-8")))
    assert changed
    alive = [what for what, tree in changed if seen(made(tree), planned, pair) == expected]
    assert not alive, f"{file.file.name}: no example tells the rule from one with {' or '.join(alive)}"
