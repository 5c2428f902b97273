"""From the text of an expression to its tree, and to the references that a plan would list for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stackproof.plan.redaction import REDACTED
from stackproof.plan.references.expressions import (
    Access,
    Call,
    Conditional,
    Expression,
    Fields,
    For,
    Listed,
    Listing,
    Literal,
    Name,
    Operation,
    Splat,
    Template,
    Unread,
    Wild,
    from_plan,
    traversals,
)
from stackproof.plan.references.syntax import from_syntax
from stackproof.terraform import hcl

Parse = Callable[[str], Expression]


@pytest.fixture
def parse(tmp_path: Path) -> Parse:
    def make(text: str) -> Expression:
        file = tmp_path / "main.tf"
        file.write_text(f"locals {{\n  x = {text}\n}}\n", encoding="utf-8")
        argument = hcl.Source(file, file.read_bytes()).blocks[0].argument("x")
        assert argument is not None
        assert argument.node is not None
        return from_syntax(argument.node)

    return make


def shape(expression: Any) -> Any:
    """A tree as nested tuples, which compare by what is in them."""
    match expression:
        case Literal(value):
            return value
        case Name(text):
            return f"<{text}>"
        case Access(base, selectors):
            return ("access", shape(base), *map(shape, selectors))
        case Splat(base, selectors):
            return ("splat", shape(base), *map(shape, selectors))
        case Listing(items):
            return [shape(item) for item in items]
        case Fields(pairs):
            return {shape(key): shape(value) for key, value in pairs}
        case For(key_name, value_name, collection, key, value, condition, grouped):
            return ("for", key_name, value_name, *map(shape, (collection, key, value, condition)), grouped)
        case Conditional(condition, yes, no):
            return ("if", shape(condition), shape(yes), shape(no))
        case Call(function, arguments, spread):
            return (function, *map(shape, arguments), *(["..."] if spread else []))
        case Operation(operator, operands):
            return (operator, *map(shape, operands))
        case Template(parts):
            return ("text", *map(shape, parts))
        case Listed(()):
            return "?"
    return expression


A, B = ("access", "<a>", "b"), "<b>"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("null", None),
        ("true", True),
        ("12", 12),
        ("1.5", 1.5),
        ("-1", ("-", 1)),
        ('""', ""),
        ('"a b"', "a b"),
        (r'"a\n\"\u00e9 $${x} %%{y}"', 'a\n"é ${x} %{y}'),
        (r'"\U0001F600"', "?"),
        ("a.b", A),
        ("a.b[0].c", ("access", "<a>", "b", 0, "c")),
        ("a.b.12.c", ("access", "<a>", "b", 12, "c")),
        ('a["x.y"]', ("access", "<a>", "x.y")),
        ("a[true]", ("access", "<a>", True)),
        ("a[b]", ("access", "<a>", B)),
        ('a["${b}-x"]', ("access", "<a>", ("text", B, "-x"))),
        ("(a.b)[0].c", ("access", A, 0, "c")),
        ("a[*].b[0]", ("splat", "<a>", "b", 0)),
        ("a.*.b[0].c", ("access", ("splat", "<a>", "b"), 0, "c")),
        ("a.b[*]", ("splat", A)),
        ("a[*].b[*].c", ("splat", "<a>", "b", Wild.EVERY, "c")),
        ("[]", []),
        ("[1, # one\n  a.b,\n]", [1, A]),
        ("{}", {}),
        ('{ a = 1, "b" : 2, (b) = 3, 4 = 5, true = 6 }', {"a": 1, "b": 2, "<b>": 3, "4": 5, "true": 6}),
        ("[for v in a.b : v]", ("for", "", "v", A, None, "<v>", None, False)),
        ("{ for k, v in a.b : k => v... if v }", ("for", "k", "v", A, "<k>", "<v>", "<v>", True)),
        ("a.b ? 1 : 2", ("if", A, 1, 2)),
        ("a ? 1 : b ? 2 : c ? 3 : 4", ("if", "<a>", 1, ("if", B, 2, ("if", "<c>", 3, 4)))),
        ("a ? b ? 1 : 2 : 3", ("if", "<a>", ("if", B, 1, 2), 3)),
        ("(a ? b : c) ? 1 : 2", ("if", ("if", "<a>", B, "<c>"), 1, 2)),
        ("a ? 1 : (b ? c : d) ? 2 : 3", ("if", "<a>", 1, ("if", ("if", B, "<c>", "<d>"), 2, 3))),
        ("f()", ("f",)),
        ("f(a.b, 1)", ("f", A, 1)),
        ("f(b...)", ("f", B, "...")),
        ("f(b).c", ("access", ("f", B), "c")),
        ("provider::aws::f(b)", ("provider::aws::f", B)),
        ("!a.b", ("!", A)),
        ("a.b == 1 || b && !a.b", ("||", ("==", A, 1), ("&&", B, ("!", A)))),
        ("1 + 2 * 3", ("+", 1, ("*", 2, 3))),
        ('"${b}"', B),
        ('"x-${a.b}/*"', ("text", "x-", A, "/*")),
        ('"%{ if a }1${b}%{ else }2%{ endif }"', ("if", "<a>", ("text", "?", B), ("text", "?"))),
        ('"%{ for v in b }${v}%{ endfor }"', ("text", ("for", "", "v", B, None, ("text", "<v>"), None, False))),
        ("<<-EOT\n    x ${a.b}\n  EOT\n", ("text", "?", A)),
    ],
)
def test_an_expression_is_read_as_terraform_reads_it(parse: Parse, text: str, wanted: object) -> None:
    assert shape(parse(text)) == wanted


@pytest.mark.parametrize("text", ["{ a = }", "[1, 2", "f(", "a ? b"])
def test_what_cannot_be_parsed_is_unread(parse: Parse, text: str) -> None:
    assert isinstance(parse(text), Unread)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a.b.c", ["a.b.c"]),
        ("a.b[0].c", ["a.b.0.c"]),
        ("a.b[each.key].c", ["a.b", "each.key"]),
        ("a.b[*].c", ["a.b"]),
        ("(a.b).c", ["a.b"]),
        ("[for k, v in a.b : v.id if k != c.d]", ["a.b", "c.d"]),
        ("{ for v in a.b : v.k => [for w in v.l : w] }", ["a.b"]),
        ("f({ k = a.b, (c.d) = 1 })[0]", ["a.b", "c.d"]),
        ('a.b ? "${c.d}" : !e.f', ["a.b", "c.d", "e.f"]),
        ("b", ["b"]),
        ("1", []),
    ],
)
def test_the_references_are_those_that_a_plan_lists(parse: Parse, text: str, wanted: list[str]) -> None:
    assert [".".join(map(str, steps)) for steps in traversals(parse(text))] == wanted


def test_a_plan_tells_constants_and_references() -> None:
    assert shape(from_plan({"constant_value": [1]})) == [1]
    assert shape(from_plan({"constant_value": None})) is None
    listed = from_plan({"references": ['a.b["x.y"].c', 'a.b["x.y"]', "a.b"]})
    assert isinstance(listed, Listed)
    assert list(traversals(listed)) == [("a", "b", "x.y", "c")]
    assert shape(from_plan({})) == "?"


def test_a_sensitive_constant_is_not_one() -> None:
    assert shape(from_plan({"constant_value": REDACTED})) == "?"
