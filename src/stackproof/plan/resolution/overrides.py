"""The test file with which Terraform itself evaluates a configuration: every resource overridden, tokens for unknowns.

https://developer.hashicorp.com/terraform/language/tests/mocking#overrides
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stackproof.errors import PlanError
from stackproof.plan.paths import Step, format_path
from stackproof.plan.resolution import arns
from stackproof.plan.resolution.arns import Location
from stackproof.plan.resolution.locations import Locations, in_state
from stackproof.plan.resolution.tokens import Mint, Tokens
from stackproof.plan.values import nth
from stackproof.plan.wiring import Feed
from stackproof.terraform.schemas import AttributeType, Schemas

PURE = frozenset(
    {
        "aws_arn",
        "aws_billing_service_account",
        "aws_default_tags",
        "aws_elb_service_account",
        "aws_iam_policy_document",
        "aws_partition",
        "aws_redshift_service_account",
        "aws_region",
        "aws_service",
        "aws_service_principal",
    }
)
"""Data sources that a provider computes without asking anybody, so that it can do it again."""

_SAME = {("terraform_data", "output"): "input"}
"""Computed attributes that are what an argument is: https://developer.hashicorp.com/terraform/language/resources/terraform-data."""


@dataclass(frozen=True)
class Evaluation:
    """The body of a test run, the tokens in it, the unknown attributes that no token stands for, and the account.

    `is_whole` is false where variables are missing in it: ephemeral ones, which a plan does not keep.
    https://developer.hashicorp.com/terraform/language/values/variables#exclude-values-from-state
    """

    text: str
    tokens: Tokens
    hidden: frozenset[Feed]
    account: str
    is_whole: bool

    def run(self, name: str, *, state: str | None, failing: Sequence[str] = ()) -> str:
        """The `run` block of that name, with a state of its own where `state` names one.

        Conditions of the objects in `failing` are expected to fail.
        """
        own_state = f"  state_key = {_expression(state)}\n" if state else ""
        expected = f"  expect_failures = [{', '.join(failing)}]\n" if failing else ""
        return f'run "{name}" {{\n  command = apply\n{own_state}{expected}\n{self.text}}}\n'


def write_evaluation(
    document: Mapping[str, Any], schemas: Schemas, locations: Locations, *, environment: str
) -> Evaluation:
    """The test run for a plan document that is not redacted yet.

    Raises PlanError with the reason where evaluating it could do something.
    """
    _refuse_provisioners(document)
    mint = Mint(environment)
    hidden: set[Feed] = set()
    overrides: dict[str, str] = {}
    for change in document.get("resource_changes", ()):
        if "deposed" in change or change["change"]["actions"] in (["delete"], ["forget"]):
            continue
        if change["mode"] == "data" and change["type"] in PURE:
            continue
        computed = schemas.computed(change["mode"], change["type"])
        if change["mode"] == "managed" and not schemas.describe(change["type"]):
            raise PlanError(f"the providers describe no {change['type']}", where=change["address"])
        maker = _Values(change, mint, locations.of(change), hidden)
        overrides[change["address"]] = _override(change["mode"], change["address"], maker.computed(computed))
    for _, data in in_state(document):
        if data["mode"] == "data" and data["type"] not in PURE and data["address"] not in overrides:
            known = _known(data["values"], schemas.computed("data", data["type"]))
            overrides[data["address"]] = _override("data", data["address"], known)
    _refuse_left_out(document, overrides)
    variables = {name: entry.get("value") for name, entry in document.get("variables", {}).items()}
    lines = "".join(f"    {name} = {_expression(value)}\n" for name, value in variables.items())
    text = f"  variables {{\n{lines}  }}\n\n{''.join(overrides.values())}"
    declared = document.get("configuration", {}).get("root_module", {}).get("variables", {})
    return Evaluation(
        text,
        mint.tokens,
        frozenset(hidden),
        account=locations.of_provider().account,
        is_whole=declared.keys() <= variables.keys(),
    )


class _Values:
    """The values for one override: tokens and known values of what the provider computes."""

    def __init__(self, change: Mapping[str, Any], mint: Mint, location: Location, hidden: set[Feed]) -> None:
        detail = change["change"]
        self._change = change
        self._after: Mapping[str, Any] = detail.get("after") or {}
        unknown = detail.get("after_unknown")
        self._unknown: Mapping[str, Any] = unknown if isinstance(unknown, dict) else {}
        sensitive = detail.get("after_sensitive")
        self._sensitive: Mapping[str, Any] = sensitive if isinstance(sensitive, dict) else {}
        self._mint = mint
        self._location = location
        self._hidden = hidden

    def computed(self, types: Mapping[str, AttributeType]) -> dict[str, Any]:
        found = {}
        for name, kind in types.items():
            told_by = _SAME.get((self._change["type"], name), name)
            unknown = self._unknown.get(told_by)
            if told_by != name:
                # what an argument tells may be sensitive there, and is not marked here
                unknown = _either(unknown, self._sensitive.get(told_by))
            value = self._value(self._after.get(told_by), unknown, kind, (name,))
            if value is not None:
                found[name] = value
        return found

    def _value(self, known: Any, unknown: Any, type: AttributeType, steps: tuple[Step, ...]) -> Any:  # noqa: ANN401
        """The value at the steps with a token for each unknown text in it; None where nothing can be said."""
        if unknown is True:
            return self._stand_in(type, steps)
        if isinstance(known, dict):
            flags = unknown if isinstance(unknown, dict) else {}
            return {
                key: self._value(known.get(key), flags.get(key), _inner(type, key), (*steps, key))
                for key in {**known, **flags}
            }
        if isinstance(known, list):
            return [
                self._value(item, nth(unknown, number), _inner(type, number), (*steps, number))
                for number, item in enumerate(known)
            ]
        return known

    def _stand_in(self, type: AttributeType, steps: tuple[Step, ...]) -> Any:  # noqa: ANN401
        feed = Feed(self._change["address"], format_path(steps))
        if type == "string":
            text = self._mint.token(
                feed,
                type=self._change["type"],
                arguments=self._after,
                location=self._location,
                identity=self._change.get("previous_address"),
            )
            # how large a network is cannot be told either
            if arns.is_guess(text) or re.search(r"cidr(_block)?$", feed.attribute):
                self._hidden.add(feed)
            return text
        # how many there will be, or which number, nobody can tell: whoever counts or compares them is not decided
        self._hidden.add(feed)
        if type == "dynamic":
            return self._stand_in("string", steps)
        if isinstance(type, list) and type[0] in ("list", "set"):
            return [self._stand_in(type[1], (*steps, 0))]
        if isinstance(type, list) and type[0] == "object":
            return {name: self._stand_in(inner, (*steps, name)) for name, inner in type[1].items()}
        return {"number": 0, "bool": False}.get(type) if isinstance(type, str) else {}


def _known(values: Mapping[str, Any], computed: Mapping[str, AttributeType]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and name in computed}


def _refuse_left_out(document: Mapping[str, Any], overridden: Container[str]) -> None:
    """Refuse a plan with a managed instance that would not be overridden, since it would be made for real."""
    pending = [document.get("planned_values", {}).get("root_module", {})]
    while pending:
        module = pending.pop()
        for resource in module.get("resources", ()):
            if resource["mode"] == "managed" and resource["address"] not in overridden:
                raise PlanError("cannot be overridden, so evaluating it would make it", where=resource["address"])
        pending.extend(module.get("child_modules", ()))


def _refuse_provisioners(document: Mapping[str, Any]) -> None:
    pending = [("", document.get("configuration", {}).get("root_module", {}))]
    while pending:
        path, module = pending.pop()
        for resource in module.get("resources", ()):
            if resource.get("provisioners"):
                raise PlanError(
                    "has provisioners, which would run if the configuration were evaluated",
                    where=f"{path}{resource['address']}",
                )
        for name, call in module.get("module_calls", {}).items():
            pending.append((f"{path}module.{name}.", call.get("module", {})))


def _either(marks: Any, others: Any) -> Any:  # noqa: ANN401
    """What is marked in one or the other."""
    if isinstance(marks, dict) and isinstance(others, dict):
        return {key: _either(marks.get(key), others.get(key)) for key in {**marks, **others}}
    if isinstance(marks, list) and isinstance(others, list):
        return [_either(nth(marks, number), nth(others, number)) for number in range(max(len(marks), len(others)))]
    return True if marks is True or others is True else marks or others


def _inner(type: AttributeType, key: str | int) -> AttributeType:
    if isinstance(type, list) and type[0] == "object":
        return type[1].get(key, "dynamic")
    if isinstance(type, list) and type[0] == "tuple":
        return type[1][key] if isinstance(key, int) and key < len(type[1]) else "dynamic"
    return type[1] if isinstance(type, list) else "dynamic"


def _override(mode: str, address: str, values: Mapping[str, Any]) -> str:
    kind = "override_data" if mode == "data" else "override_resource"
    return f"  {kind} {{\n    target = {address}\n    values = {_expression(values)}\n  }}\n\n"


_NOT_IN_HCL = {r"\b": r"\u0008", r"\f": r"\u000c"}


def _expression(value: Any) -> str:  # noqa: ANN401
    """A value as an HCL expression: JSON but for templates and some escapes.

    https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_expression(str(key))} = {_expression(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_expression, value)) + "]"
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        text = re.sub(r"\\.", lambda escape: _NOT_IN_HCL.get(escape[0], escape[0]), text)
        return text.replace("${", "$${").replace("%{", "%%{")
    return json.dumps(value)
