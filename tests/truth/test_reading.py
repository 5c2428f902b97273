"""States, graphs and arguments are read as Terraform writes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .arguments import Argument, read_arguments, read_schemas
from .state import Instance, State, read_state

GRAPH = r"""
digraph G {
  "module.m.aws_b.b" [label="aws_b.b"];
  "module.m.aws_b.b" -> "aws_a.a";
  "aws_a.a" -> "data.aws_d.d";
}
"""


def test_instances_of_all_modules_are_read_and_dependencies_lead_on() -> None:
    def instance(address: str, mode: str = "managed") -> dict[str, object]:
        return {"address": address, "mode": mode, "type": "t", "name": "n", "values": {"id": address}}

    module = {"resources": [instance('module.m["k.]["].aws_b.b[0]')], "address": "module.m"}
    root = {"resources": [instance("aws_a.a"), instance("data.aws_d.d", "data")], "child_modules": [module]}
    state = read_state(json.dumps({"values": {"root_module": root}}), GRAPH)
    assert set(state.instances) == {"aws_a.a", "data.aws_d.d", 'module.m["k.]["].aws_b.b[0]'}
    assert state.instances['module.m["k.]["].aws_b.b[0]'].module == "m"
    assert state.depends('module.m["k.]["].aws_b.b[0]', "data.aws_d.d")
    assert not state.depends("aws_a.a", 'module.m["k.]["].aws_b.b[0]')


@pytest.fixture
def arguments(tmp_path: Path) -> dict[str, Argument]:
    (tmp_path / "module").mkdir()
    (tmp_path / "main.tf").write_text('resource "aws_x" "x" {\n  wrong = 1\n}\n', encoding="utf-8")
    (tmp_path / "module/main.tf").write_text(
        """
        resource "aws_x" "x" {
          count = 2
          name  = "n"
          zones = []
          tags  = {}
          stage {}
          dynamic "rule" {
            for_each = []
            content {}
          }
          lifecycle {}
        }
        """,
        encoding="utf-8",
    )
    values = {
        "name": "n",
        "zones": ["z1", "z2"],
        "tags": {"a": "t"},
        "stage": [{"steps": ["s1"], "ports": [80, 81]}, {"steps": ["s2"], "ports": None}],
        "rule": [{"from": "f1"}, {"from": "f2"}],
        "computed": "c",
    }
    rule = {"nesting_mode": "set", "block": {"attributes": {"from": {"type": "string"}}}}
    stage = {"steps": {"type": ["list", "string"]}, "ports": {"type": ["set", "number"]}}
    schema = {
        "attributes": {
            "name": {"type": "string"},
            "zones": {"type": ["set", "string"]},
            "tags": {"type": ["map", "string"]},
        },
        "block_types": {"rule": rule, "stage": {"nesting_mode": "list", "block": {"attributes": stage}}},
    }
    schemas = read_schemas({"provider_schemas": {"p": {"resource_schemas": {"aws_x": {"block": schema}}}}})
    state = State({"module.m.aws_x.x[1]": Instance("module.m.aws_x.x[1]", "managed", "aws_x", "x", values)})
    found = read_arguments(state, tmp_path, {"": ".", "m": "module"}, schemas)
    assert {argument.address for argument in found} == {"module.m.aws_x.x[1]"}
    return {argument.path: argument for argument in found}


def test_arguments_are_what_the_configuration_sets(arguments: dict[str, Argument]) -> None:
    assert "name" in arguments
    assert not {"computed", "wrong", "count", "lifecycle", "dynamic"} & set(arguments)


def test_a_set_is_one_argument_and_a_list_one_for_each_element(arguments: dict[str, Argument]) -> None:
    assert arguments["zones"].texts == ("z1", "z2")
    assert arguments["rule"].texts == ("f1", "f2")
    assert arguments["tags.a"].texts == ("t",)
    assert arguments["stage[0].steps[0]"].texts == ("s1",)
    assert arguments["stage[1].steps[0]"].texts == ("s2",)
    assert arguments["stage[0].ports"].texts == ("80", "81")
