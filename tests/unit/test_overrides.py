"""A test run overrides all that a plan has, with tokens for what it does not know, or is refused."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from stackproof.errors import PlanError
from stackproof.plan.resolution.arns import UNKNOWN_REGION
from stackproof.plan.resolution.locations import Locations
from stackproof.plan.resolution.overrides import Evaluation, write_evaluation
from stackproof.plan.wiring import Feed
from stackproof.terraform.runner import Terraform
from stackproof.terraform.schemas import Schemas

SCHEMAS = Schemas(
    {
        "managed": {
            "aws_lb": {
                "arn": "string",
                "id": "string",
                "dns_name": "string",
                "tags_all": ["map", "string"],
                "subnets": ["set", "string"],
                "revision": "number",
                "mapping": ["list", ["object", {"address": "string", "weight": "number"}]],
                "pair": ["tuple", ["string", "number"]],
                "anything": "dynamic",
                "cidr_block": "string",
            },
            "aws_nothing": {},
            "terraform_data": {"id": "string", "output": "dynamic"},
        },
        "data": {"aws_vpc": {"id": "string", "arn": "string"}, "aws_caller_identity": {"account_id": "string"}},
    }
)


def change(address: str = "aws_lb.this", mode: str = "managed", **detail: Any) -> dict[str, Any]:
    kind, name = address.split("[")[0].split(".")[-2:]
    return {
        "address": address,
        "mode": mode,
        "type": kind,
        "name": name,
        "change": {"actions": ["create"], "after": {}, "after_unknown": {}, **detail},
    }


def read(address: str, **values: Any) -> dict[str, Any]:
    return {**change(f"data.{address}", "data"), "values": values}


def written(*changes: Mapping[str, Any], region: str | None = "eu-west-1", **document: Any) -> Evaluation:
    whole = {"resource_changes": changes, **document}
    locations = Locations(whole, None, region=region, account="123456789012")
    return write_evaluation(whole, SCHEMAS, locations, environment="dev")


def overrides(evaluation: Evaluation) -> dict[str, str]:
    """What each override gives, by its target."""
    block = r"^  override_(\w+) \{\n    target = (.+)\n    values = (.*)\n  \}$"
    found = re.findall(block, evaluation.text, re.MULTILINE)
    assert all((kind == "data") == bool(re.search(r"(^|\.)data\.", target)) for kind, target, _ in found)
    return {target: values for _, target, values in found}


def test_a_run_applies_with_variables_and_overrides() -> None:
    evaluation = written(change(after={"arn": "a"}), variables={"size": {"value": 3}, "nothing": {}})
    assert evaluation.run("one", state=None) == (
        'run "one" {\n  command = apply\n\n'
        "  variables {\n    size = 3\n    nothing = null\n  }\n\n"
        '  override_resource {\n    target = aws_lb.this\n    values = {"arn" = "a"}\n  }\n\n}\n'
    )


def test_a_run_may_have_a_state_of_its_own_and_conditions_that_fail() -> None:
    lines = written().run("one", state="two", failing=("check.a", "aws_lb.this")).splitlines()
    assert lines[1:4] == ["  command = apply", '  state_key = "two"', "  expect_failures = [check.a, aws_lb.this]"]


def test_only_what_the_provider_computes_is_given() -> None:
    evaluation = written(
        change(after={"name": "front", "arn": "known", "id": None}, after_unknown={"listener": True, "id": False})
    )
    assert overrides(evaluation) == {"aws_lb.this": '{"arn" = "known"}'}


def test_what_is_unknown_gets_a_token() -> None:
    evaluation = written(change(after={"name": "front"}, after_unknown={"arn": True, "dns_name": True}))
    values = overrides(evaluation)["aws_lb.this"]
    found = {token.feed for token in evaluation.tokens.in_value(values)}
    assert found == {Feed("aws_lb.this", "arn"), Feed("aws_lb.this", "dns_name")}
    assert "loadbalancer/app/front/" in values
    assert evaluation.hidden == frozenset()


def test_unknown_parts_of_known_values_get_tokens() -> None:
    known = {"mapping": [{"address": None, "weight": 1}, {"address": "a"}], "tags_all": {"a.b": None, "Name": "n"}}
    unknown = {"mapping": [{"address": True}, {}], "tags_all": {"a.b": True}}
    evaluation = written(change(after=known, after_unknown=unknown))
    tokens = {token.feed.attribute: token.text for token in evaluation.tokens.feeds.values()}
    assert set(tokens) == {"mapping[0].address", 'tags_all["a.b"]'}
    assert overrides(evaluation)["aws_lb.this"] == (
        f'{{"tags_all" = {{"a.b" = "{tokens["tags_all[" + chr(34) + "a.b" + chr(34) + "]"]}", "Name" = "n"}}, '
        f'"mapping" = [{{"address" = "{tokens["mapping[0].address"]}", "weight" = 1}}, {{"address" = "a"}}]}}'
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("revision", "0"),
        ("tags_all", "{}"),
        ("subnets", '["TOKEN"]'),
        ("mapping", '[{"address" = "TOKEN", "weight" = 0}]'),
        ("pair", "{}"),
        ("anything", '"TOKEN"'),
        ("cidr_block", '"TOKEN"'),
    ],
)
def test_what_no_token_can_stand_for_is_hidden(name: str, value: str) -> None:
    evaluation = written(change(after_unknown={name: True}))
    given_value = overrides(evaluation)["aws_lb.this"].removeprefix(f'{{"{name}" = ').removesuffix("}")
    for token in evaluation.tokens.feeds.values():
        given_value = given_value.replace(token.text, "TOKEN")
    assert given_value == value
    assert Feed("aws_lb.this", name) in evaluation.hidden


def test_a_token_with_a_region_that_nobody_knows_is_hidden() -> None:
    evaluation = written(change(after={"name": "a"}, after_unknown={"arn": True, "id": True}), region=None)
    assert evaluation.hidden == {Feed("aws_lb.this", "arn"), Feed("aws_lb.this", "id")}
    assert UNKNOWN_REGION in evaluation.text


def test_the_output_of_terraform_data_is_its_input_but_for_secrets() -> None:
    address = "terraform_data.this"
    detail: dict[str, Any] = {
        "after": {"input": {"plain": "text", "id": None, "secret": ["hush", "known"]}},
        "after_unknown": {"input": {"id": True}, "output": True},
        "after_sensitive": {"input": {"secret": [True]}},
    }
    evaluation = written(change(address, **detail))
    values = overrides(evaluation)[address]
    tokens = {token.feed.attribute: token.text for token in evaluation.tokens.feeds.values()}
    assert set(tokens) == {"output.id", "output.secret[0]"}
    assert values == (
        f'{{"output" = {{"plain" = "text", "id" = "{tokens["output.id"]}", '
        f'"secret" = ["{tokens["output.secret[0]"]}", "known"]}}}}'
    )
    assert evaluation.hidden == {Feed(address, name) for name in tokens}


def test_what_is_deleted_or_forgotten_is_not_overridden() -> None:
    gone = [change(f"aws_lb.{actions}", actions=[actions]) for actions in ("delete", "forget")]
    deposed = {**change("aws_lb.this"), "deposed": "0123"}
    assert overrides(written(*gone, deposed)) == {}


def test_a_replaced_and_an_unchanged_resource_are_overridden() -> None:
    both = change("aws_lb.a", actions=["delete", "create"]), change("aws_lb.b", actions=["no-op"], after={"id": "x"})
    assert overrides(written(*both)) == {"aws_lb.a": "{}", "aws_lb.b": '{"id" = "x"}'}


def test_a_type_that_computes_nothing_is_overridden_too() -> None:
    assert overrides(written(change("aws_nothing.this", after={"name": "a"}))) == {"aws_nothing.this": "{}"}


def test_data_sources_are_overridden_with_what_they_were_read_as() -> None:
    prior = {"values": {"root_module": {"child_modules": [{"resources": [read("aws_vpc.a", id="vpc-1", tags=None)]}]}}}
    late = change("data.aws_vpc.b", "data", actions=["read"], after_unknown={"arn": True})
    evaluation = written(late, prior_state=prior)
    assert overrides(evaluation)["data.aws_vpc.a"] == '{"id" = "vpc-1"}'
    assert Feed("data.aws_vpc.b", "arn") in evaluation.tokens.feeds


def test_a_data_source_that_is_read_and_is_to_be_read_is_overridden_once() -> None:
    prior = {"values": {"root_module": {"resources": [read("aws_vpc.a", id="vpc-1")]}}}
    late = change("data.aws_vpc.a", "data", actions=["read"], after_unknown={"id": True})
    assert "vpc-1" not in written(late, prior_state=prior).text


def test_data_sources_that_are_computed_from_their_arguments_stay_as_they_are() -> None:
    prior = {"values": {"root_module": {"resources": [read("aws_partition.a", partition="aws")]}}}
    late = change("data.aws_iam_policy_document.a", "data", actions=["read"], after_unknown={"json": True})
    assert overrides(written(late, prior_state=prior)) == {}


def test_a_plan_that_does_not_keep_all_variables_says_so() -> None:
    declared = {"root_module": {"variables": {"kept": {}, "ephemeral": {"default": None}}}}
    both = {"kept": {"value": 1}, "ephemeral": {"value": 1}}
    assert written(variables=both, configuration=declared).is_whole
    assert not written(variables={"kept": {"value": 1}}, configuration=declared).is_whole


def test_the_account_is_the_one_that_the_caller_is_in() -> None:
    identity = read("aws_caller_identity.a", account_id="111122223333")
    assert written().account == "123456789012"
    module = {"root_module": {"resources": [identity]}}
    assert written(configuration=module, prior_state={"values": module}).account == "111122223333"


def test_provisioners_are_refused_wherever_they_are() -> None:
    resource = {"address": "aws_lb.this", "provisioners": [{"type": "local-exec"}]}
    module = {"module_calls": {"a": {"module": {"resources": [resource]}}}}
    with pytest.raises(PlanError, match=r"^module\.a\.aws_lb\.this: has provisioners, which would run"):
        written(configuration={"root_module": {"module_calls": module["module_calls"]}})


def test_a_managed_instance_that_is_not_overridden_is_refused() -> None:
    planned = {"resources": [change("aws_lb.a"), {**change("data.aws_vpc.b", "data")}]}
    left_out = {"address": "module.m", "resources": [change('module.m.aws_lb.b["x"]')]}
    written(change("aws_lb.a"), planned_values={"root_module": planned})
    with pytest.raises(PlanError, match=r'^module\.m\.aws_lb\.b\["x"\]: cannot be overridden, so evaluating it would'):
        written(change("aws_lb.a"), planned_values={"root_module": {**planned, "child_modules": [left_out]}})


def test_a_type_that_no_provider_describes_is_refused() -> None:
    with pytest.raises(PlanError, match=r"^aws_other\.this: the providers describe no aws_other"):
        written(change("aws_other.this"))


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"])) | st.sampled_from(
    [
        "${x}",
        "%{if}",
        "$${x}",
        "$$${x}",
        "%%{",
        "\\",
        "\\b\\f\\n",
        '"',
        "\r\n\t\x08\x0c\x01\x7f",
        "\u2028",
        "\U0001d11e",
        "$",
        "%",
    ]
)
# all texts in Terraform are in this form
TEXTS = TEXTS.map(lambda text: unicodedata.normalize("NFC", text))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(-1e15, 1e15) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def test_values_are_what_terraform_reads_again(terraform_in: Callable[[Path], Terraform], tmp_path: Path) -> None:
    values: list[Any] = []

    @settings(max_examples=300, deadline=None, database=None, phases=[Phase.generate], derandomize=True)
    @given(VALUES)
    def collect(value: Any) -> None:
        values.append(value)

    collect()
    text = written(variables={f"v{number}": {"value": value} for number, value in enumerate(values)}).text
    expressions = re.findall(r"^    (v\d+) = (.*)$", text, re.MULTILINE)
    assert len(expressions) == len(values)
    folder = tmp_path / "values"
    folder.mkdir()
    lines = [f'output "{name}" {{\n  value = [{expression}]\n}}\n' for name, expression in expressions]
    (folder / "main.tf").write_text("".join(lines), encoding="utf-8")
    terraform = terraform_in(folder)
    terraform.init()
    terraform.plan(folder / "plan")
    outputs = json.loads(terraform.show(folder / "plan"))["planned_values"]["outputs"]
    assert {name: outputs[name]["value"] for name, _ in expressions} == {
        f"v{number}": [value] for number, value in enumerate(values)
    }
