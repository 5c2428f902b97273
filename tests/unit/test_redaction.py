from __future__ import annotations

import copy
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof.plan.redaction import REDACTED, redact

PLAN = Path(__file__).parent / "data/plan.json"


@st.composite
def marked_values(draw: st.DrawFn) -> tuple[Any, Any]:
    """A value of texts that occur once each, and sensitivity marks for it in Terraform's shape."""
    numbers = itertools.count()

    def value(depth: int) -> tuple[Any, Any]:
        kind = draw(st.sampled_from(("text", "map", "list") if depth else ("text",)))
        whole = draw(st.integers(0, 4)) == 0
        if kind == "text":
            return f"<leaf {next(numbers)}>", whole
        parts = [value(depth - 1) for _ in range(draw(st.integers(0, 3)))]
        if kind == "list":
            return [part for part, _ in parts], whole or [mark for _, mark in parts]
        named = {f"k{number}": part for number, part in enumerate(parts)}
        # a mark may be left out where nothing below it is sensitive
        return {key: part for key, (part, _) in named.items()}, whole or {
            key: mark for key, (_, mark) in named.items() if mark or draw(st.booleans())
        }

    parts = [value(3) for _ in range(draw(st.integers(1, 3)))]
    return (
        {f"argument{number}": part for number, (part, _) in enumerate(parts)},
        {f"argument{number}": mark for number, (_, mark) in enumerate(parts)},
    )


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict | list):
        return [leaf for part in (value.values() if isinstance(value, dict) else value) for leaf in leaves(part)]
    return [value]


def secrets(value: Any, marks: Any) -> list[str]:
    if marks is True:
        return leaves(value)
    if isinstance(value, dict):
        return [
            leaf for key, part in value.items() for leaf in secrets(part, marks.get(key, False) if marks else False)
        ]
    if isinstance(value, list) and marks:
        return [leaf for part, mark in zip(value, marks, strict=True) for leaf in secrets(part, mark)]
    return []


def literal(value: Any) -> Any:
    """The configuration's expression for a value that is written out in the HCL."""
    return {"constant_value": value}


def document(value: dict[str, Any], marks: dict[str, Any]) -> dict[str, Any]:
    """A plan in which the value stands everywhere that a plan can hold one."""
    names = {"type": "example_thing", "name": "this", "mode": "managed"}
    change = {
        "actions": ["update"],
        "before": value,
        "after": value,
        "before_sensitive": marks,
        "after_sensitive": marks,
    }
    planned = {"address": "example_thing.this", **names, "values": value, "sensitive_values": marks}
    nested = {**planned, "address": 'module.a["x"].module.b[0].example_thing.this'}
    state = {
        "root_module": {
            "resources": [planned],
            "child_modules": [
                {
                    "address": 'module.a["x"]',
                    "child_modules": [{"address": 'module.a["x"].module.b[0]', "resources": [nested]}],
                }
            ],
        }
    }
    written = {**names, "expressions": {key: literal(part) for key, part in value.items()}}
    plan: dict[str, Any] = json.loads(
        json.dumps(
            {
                "format_version": "1.2",
                "resource_changes": [
                    {"address": "example_thing.this", **names, "change": change},
                    {
                        "address": nested["address"],
                        "module_address": 'module.a["x"].module.b[0]',
                        **names,
                        "change": change,
                    },
                ],
                "resource_drift": [{"address": "example_thing.this", **names, "change": change}],
                "output_changes": {"all": {**change, "actions": ["create"]}},
                "planned_values": state,
                "prior_state": {"values": state},
                "configuration": {
                    "root_module": {
                        "resources": [written],
                        "module_calls": {
                            "a": {"module": {"module_calls": {"b": {"module": {"resources": [written]}}}}}
                        },
                    }
                },
            }
        )
    )
    return plan


@given(marked_values())
def test_no_sensitive_value_survives_anywhere(marked: tuple[dict[str, Any], dict[str, Any]]) -> None:
    value, marks = marked
    text = json.dumps(redact(document(value, marks)))
    assert not [secret for secret in secrets(value, marks) if secret in text]


@given(marked_values())
def test_what_is_not_sensitive_is_left_as_it_was(marked: tuple[dict[str, Any], dict[str, Any]]) -> None:
    value, marks = marked
    after = redact(document(value, marks))["resource_changes"][0]["change"]["after"]
    assert [leaf for leaf in leaves(after) if leaf != REDACTED] == [
        leaf for leaf in leaves(value) if leaf not in secrets(value, marks)
    ]


def test_no_secret_of_a_real_plan_survives() -> None:
    raw = PLAN.read_text(encoding="utf-8")
    assert raw.count("hunter2") > 10
    assert "hunter2" not in json.dumps(redact(json.loads(raw)))


@pytest.mark.parametrize(
    ("value", "marks"),
    [(["a secret"], {"x": True}), ({"x": "a secret"}, [True]), ("a secret", {"x": True}), ("a secret", [[True]])],
)
def test_marks_that_do_not_fit_the_value_take_all_of_it(value: Any, marks: Any) -> None:
    assert "a secret" not in json.dumps(redact(document({"argument": value}, {"argument": marks})))


def test_null_stays_null_so_that_unset_can_be_told_from_set() -> None:
    redacted = redact(document({"password": None}, {"password": True}))
    assert redacted["resource_changes"][0]["change"]["after"] == {"password": None}


def test_more_elements_than_marks_is_no_error() -> None:
    redacted = redact(document({"list": ["secret", "open"]}, {"list": [True]}))
    assert redacted["resource_changes"][0]["change"]["after"] == {"list": [REDACTED, "open"]}


def test_a_literal_of_a_nested_block_goes_with_its_argument() -> None:
    plan = document({"block": [{"password": "a secret"}]}, {"block": [{"password": True}]})
    expressions = plan["configuration"]["root_module"]["resources"][0]["expressions"]
    expressions["block"] = [{"password": literal("a secret")}]
    assert "a secret" not in json.dumps(redact(plan))


ROOT: dict[str, Any] = {"format_version": "1.2", "planned_values": {}}


@pytest.mark.parametrize(
    "rest",
    [
        {
            "variables": {"key": {"value": "a secret"}},
            "configuration": {"root_module": {"variables": {"key": {"sensitive": True}}}},
        },
        {"configuration": {"root_module": {"variables": {"key": {"sensitive": True, "default": "a secret"}}}}},
        {
            "configuration": {
                "root_module": {"outputs": {"key": {"sensitive": True, "expression": literal("a secret")}}}
            }
        },
        {"planned_values": {"outputs": {"key": {"sensitive": True, "value": "a secret"}}}},
        {"prior_state": {"values": {"outputs": {"key": {"sensitive": True, "value": {"deep": "a secret"}}}}}},
        {
            "configuration": {
                "root_module": {
                    "module_calls": {
                        "a": {
                            "expressions": {"key": literal("a secret")},
                            "module": {"variables": {"key": {"sensitive": True}}},
                        }
                    }
                }
            }
        },
    ],
    ids=["variable", "default", "literal output", "planned output", "prior output", "module argument"],
)
def test_what_is_declared_sensitive_is_taken_out(rest: dict[str, Any]) -> None:
    assert "a secret" not in json.dumps(redact(copy.deepcopy({**ROOT, **rest})))


def test_what_is_not_declared_sensitive_can_be_read() -> None:
    plan = {
        **ROOT,
        "variables": {"zone": {"value": "a"}},
        "configuration": {"root_module": {"variables": {"zone": {"default": "b"}}}},
        "planned_values": {"outputs": {"zone": {"sensitive": False, "value": "c"}}},
    }
    assert redact(copy.deepcopy(plan)) == plan


def test_literal_credentials_of_a_provider_are_taken_out_and_its_region_stays() -> None:
    expressions = {"region": {"constant_value": "eu-west-1"}, "secret_key": {"constant_value": "hush"}}
    document = redact({"configuration": {"provider_config": {"aws": {"name": "aws", "expressions": expressions}}}})
    assert document["configuration"]["provider_config"]["aws"]["expressions"] == {
        "region": {"constant_value": "eu-west-1"},
        "secret_key": {"constant_value": REDACTED},
    }


def test_what_a_plan_does_not_hold_is_not_made_up() -> None:
    # others that read the document take a value that is null for one that is there
    document = {
        "resource_changes": [{"address": "a.b", "type": "a", "name": "b", "change": {"actions": ["create"]}}],
        "output_changes": {"o": {"actions": ["create"]}},
        "planned_values": {"root_module": {"resources": [{"address": "a.b", "type": "a", "name": "b"}]}},
    }
    before = copy.deepcopy(document)
    redact(document)
    assert document == before
