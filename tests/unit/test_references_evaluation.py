"""What expressions are worth, as far as a plan tells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stackproof.plan.references.evaluation import Evaluation, walk
from stackproof.plan.references.functions import call, operate
from stackproof.plan.references.instances import UNKNOWN, Instances
from stackproof.plan.references.modules import Module
from stackproof.plan.references.scopes import Scopes
from stackproof.plan.source import Sources

VARIABLES = """\
variable "flag" {
  type = bool
}
variable "number" {
  type = number
}
variable "set" {
  type = set(string)
}
variable "sets" {
  type = object({ inner = set(object({ a = string })) })
}
variable "services" {
  type = map(object({ port = string, role = optional(string), kind = optional(string, "web"), tags = list(bool) }))
}
variable "pair" {
  type = tuple([string, number])
}
variable "any" {}
variable "default" {
  default = "d"
}
"""

VALUES = {
    "flag": "true",
    "number": "3",
    "set": ["b", "a", "b"],
    "sets": {"inner": [{"a": "x"}]},
    "services": {"one": {"port": 80, "tags": ["true"], "dropped": 1}},
    "pair": [1, "2"],
    "any": None,
}

Evaluate = Callable[[str], Any]


@pytest.fixture
def evaluate(tmp_path: Path) -> Evaluate:
    def value(text: str) -> Any:
        locals_ = f"locals {{\n  x = {text}\n  unknown = test.it.id\n  again = local.again\n}}\n"
        (tmp_path / "main.tf").write_text(VARIABLES + locals_, encoding="utf-8")
        count, each = {"constant_value": 2}, {"references": ["var.names"]}
        kinds: dict[str, Any] = {"it": {}, "many": {"count_expression": count}, "each": {"for_each_expression": each}}
        kinds["none"] = {"count_expression": {"constant_value": 0}}
        resources = [{"mode": "managed", "type": "test", "name": name, **more} for name, more in kinds.items()]
        data = [
            {"mode": "data", "type": "test", "name": name, "count_expression": {"constant_value": number}}
            for name, number in (("read", 2), ("unread", 0))
        ]
        defaults = {"default": {"default": "d"}, "none": {"default": None}}
        module = {"resources": [*resources, *data], "variables": defaults}
        instances = Instances({"resource_changes": CHANGES, "variables": {k: {"value": v} for k, v in VALUES.items()}})
        root = Module(module, (), Sources(tmp_path, {"": "."}))
        scopes = Scopes(root, instances)
        scope = scopes.module("")
        local = root.local("x")
        assert scope is not None
        assert local is not None
        return Evaluation(scopes, instances).value(local.expression, scope)

    return value


def change(resource: str, index: int | str | None, **after: Any) -> dict[str, Any]:
    detail = {"actions": ["create"], "after": after, "after_unknown": {"id": True, "deep": [{"id": True}]}}
    key = "" if index is None else f"[{index!r}]".replace("'", '"')
    found = {"address": f"test.{resource}{key}", "mode": "managed", "type": "test", "name": resource, "change": detail}
    return found if index is None else {**found, "index": index}


CHANGES = [
    change("it", None, name="n", deep=[{"a": 1}]),
    change("many", 0, name="m0"),
    change("many", 1, name="m1"),
    change("each", "a", name="ea"),
    change("each", "b", name="eb"),
]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # variables are of their types
        ("var.flag", True),
        ("var.number + 1", 4),
        ("var.any == null", True),
        ("var.default", "d"),
        ("var.none == null", True),
        ("var.missing", UNKNOWN),
        ("[for s in var.set : s]", ["a", "b"]),
        ("length(var.set)", 2),
        ('contains(var.set, "c")', False),
        ("var.sets.inner", UNKNOWN),
        ("var.services.one.port", "80"),
        ("var.services.one.role == null", True),
        ("var.services.one.kind", UNKNOWN),
        ("var.services.one.tags[0]", True),
        ("keys(var.services.one)", ["kind", "port", "role", "tags"]),
        ("var.pair", ["1", 2]),
        # resources
        ("test.it.name", "n"),
        ("test.it.id", UNKNOWN),
        ("test.it.deep[0].a", 1),
        ("test.it.deep[0].id", UNKNOWN),
        ("test.it.nothing", UNKNOWN),
        ("test.many[1].name", "m1"),
        ("test.many[*].name", ["m0", "m1"]),
        ("length(test.many)", 2),
        ("length(test.none)", 0),
        ("length(data.test.read)", UNKNOWN),
        ("length(data.test.unread)", 0),
        ('test.each["b"].name', "eb"),
        ("keys(test.each)", ["a", "b"]),
        ("{ for k, v in test.each : v.name => k }", {"ea": "a", "eb": "b"}),
        # conditions
        ("true ? 1 : test.it.id", 1),
        ("test.it.id == 1 ? 1 : 2", UNKNOWN),
        ("false && test.it.id == 1", False),
        ("test.it.id == 1 || true", True),
        ("test.it.id == 1 && true", UNKNOWN),
        ("!(1 == 2)", True),
        ("1 == true", UNKNOWN),
        ('1 == "1"', UNKNOWN),
        ("[1] == [1]", True),
        ("[test.it.id] == [1]", UNKNOWN),
        ("[test.it.id] == null", False),
        # texts
        ('"a-${1}-${true}"', "a-1-true"),
        ('"a-${test.it.id}"', UNKNOWN),
        ('"a-${null}"', UNKNOWN),
        # loops
        ("[for i, v in [5, 6] : i * v if v > 5]", [6]),
        ("[for v in [test.it.id] : v if v == 1]", UNKNOWN),
        ("[for v in test.it.id : v]", UNKNOWN),
        ("{ for k in [test.it.id] : k => 1 }", UNKNOWN),
        ('{ for i in [1, 2, 3] : (i % 2 == 0 ? "even" : "odd") => i... }', {"odd": [1, 3], "even": [2]}),
        # what leads nowhere
        ("local.again", UNKNOWN),
        ("local.unknown", UNKNOWN),
        ("local.nothing", UNKNOWN),
        ("each.key", UNKNOWN),
        ("path.module", UNKNOWN),
        ("module.gone.out", UNKNOWN),
        ("[1, 2][5]", UNKNOWN),
        ("1 / 0", UNKNOWN),
        ("{ (test.it.id) = 1 }", UNKNOWN),
    ],
)
def test_an_expression_is_worth_what_the_plan_tells(evaluate: Evaluate, text: str, wanted: object) -> None:
    value = evaluate(text)
    assert value == wanted
    assert type(value) is type(wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("try(test.it.name, 1)", "n"),
        ("try(test.it.id, 1)", UNKNOWN),
        ('coalesce(null, "", 3)', 3),
        ("coalesce(test.it.id, 3)", UNKNOWN),
        ("concat([1], [test.it.id])", [1, UNKNOWN]),
        ("merge({ a = 1 }, null, { a = 2, b = 3 })", {"a": 2, "b": 3}),
        ("merge([{ a = 1 }, { b = 2 }]...)", {"a": 1, "b": 2}),
        ("merge(test.it.id...)", UNKNOWN),
        ("flatten([[1, [2]], []])", [1, 2]),
        ("flatten([test.it.id])", UNKNOWN),
        ("element([1, 2], 5)", 2),
        ("element([], 0)", UNKNOWN),
        ("slice([1, 2, 3], 1, 3)", [2, 3]),
        ("distinct([1, 1, 2])", [1, 2]),
        ('compact(["", null, "a"])', ["a"]),
        ("compact([test.it.id])", UNKNOWN),
        ('toset(["b", "a"])', {"a": "a", "b": "b"}),
        ("toset([test.it.id])", UNKNOWN),
        ("toset([1])", UNKNOWN),
        ('tolist(toset(["b", "a"]))', ["a", "b"]),
        ("keys({ b = 1, a = 2 })", ["a", "b"]),
        ("values({ b = 1, a = 2 })", [2, 1]),
        ('zipmap(["a"], [1])', {"a": 1}),
        ("one([])", None),
        ("one([1])", 1),
        ("one([1, 2])", UNKNOWN),
        ('lookup({ a = 1 }, "a", 2)', 1),
        ('lookup({ a = 1 }, "b", 2)', UNKNOWN),
        ("contains([1, test.it.id], 1)", True),
        ("contains([1, test.it.id], 2)", UNKNOWN),
        ("range(2)", [0, 1]),
        ('sort(["b", "a"])', ["a", "b"]),
        ('join("-", ["a", "b"])', "a-b"),
        ('upper(lower("aB"))', "AB"),
        ('sha256("a")', UNKNOWN),
        ("length(1)", UNKNOWN),
    ],
)
def test_functions_over_collections_are_known(evaluate: Evaluate, text: str, wanted: object) -> None:
    assert evaluate(text) == wanted


def test_a_function_never_fails() -> None:
    for function in ("compact", "concat", "element", "flatten", "join", "keys", "merge", "one", "range", "zipmap"):
        for arguments in ([], [1], ["a", 1], [None, None], [UNKNOWN], [[UNKNOWN], {"a": 1}]):
            call(function, arguments)


def test_operators_refuse_what_is_no_number() -> None:
    assert operate("+", ["1", 2]) is UNKNOWN
    assert operate("%", [-3, 2]) is UNKNOWN
    assert operate("<=", [1, 1]) is True
    assert operate("-", [1]) == -1


def test_the_element_of_a_set_is_its_key() -> None:
    assert walk(["a", "b"], ("b",)) == "b"
    assert walk(["a", "b"], ("c",)) is UNKNOWN
    assert walk({"a": {"b": 1}}, ("a", "b")) == 1
    assert walk(1, ("a",)) is UNKNOWN
