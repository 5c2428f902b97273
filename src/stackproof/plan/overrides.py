"""The test file with which Terraform itself evaluates a configuration: every resource overridden, tokens for unknowns.

https://developer.hashicorp.com/terraform/language/tests/mocking#overrides
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stackproof.errors import PlanError
from stackproof.plan.addresses import module_path
from stackproof.plan.arns import Location
from stackproof.plan.tokens import Mint, Tokens
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

UNKNOWN_ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Evaluation:
    """The body of a test run, the tokens in it, the unknown attributes that no token stands for, and the account."""

    text: str
    tokens: Tokens
    hidden: frozenset[Feed]
    account: str

    def run(self, name: str, *, state: str | None, failing: Sequence[str] = ()) -> str:
        """The `run` block of that name, with a state of its own where `state` names one.

        Conditions of the objects in `failing` are expected to fail.
        """
        own_state = f"  state_key = {_expression(state)}\n" if state else ""
        expected = f"  expect_failures = [{', '.join(failing)}]\n" if failing else ""
        return f'run "{name}" {{\n  command = apply\n{own_state}{expected}\n{self.text}}}\n'


def write_evaluation(document: Mapping[str, Any], schemas: Schemas, *, environment: str, region: str) -> Evaluation:
    """The test run for a plan document that is not redacted yet; `region` is meant where the providers name none.

    Raises PlanError with the reason where evaluating it could do something.
    """
    _refuse_provisioners(document)
    locations = _Locations(document, region)
    mint = Mint(environment)
    hidden: set[Feed] = set()
    blocks = []
    for change in document.get("resource_changes", ()):
        if "deposed" in change or change["change"]["actions"] in (["delete"], ["forget"]):
            continue
        if change["mode"] == "data" and change["type"] in PURE:
            continue
        computed = schemas.computed(change["mode"], change["type"])
        if not computed and change["mode"] == "managed":
            raise PlanError(f"the providers describe no {change['type']}", where=change["address"])
        maker = _Values(change, mint, locations.of(change), hidden)
        blocks.append(_override(change["mode"], change["address"], maker.computed(computed)))
    blocks += [
        _override("data", data["address"], _known(data["values"], schemas.computed("data", data["type"])))
        for data in _read_data(document)
        if data["type"] not in PURE
    ]
    variables = {name: entry.get("value") for name, entry in document.get("variables", {}).items()}
    lines = "".join(f"    {name} = {_expression(value)}\n" for name, value in variables.items())
    text = f"  variables {{\n{lines}  }}\n\n{''.join(blocks)}"
    return Evaluation(text, mint.tokens, frozenset(hidden), locations.account)


class _Values:
    """The values for one override: tokens and known values of what the provider computes."""

    def __init__(self, change: Mapping[str, Any], mint: Mint, location: Location, hidden: set[Feed]) -> None:
        detail = change["change"]
        self._change = change
        self._after: Mapping[str, Any] = detail.get("after") or {}
        unknown = detail.get("after_unknown")
        self._unknown: Mapping[str, Any] = unknown if isinstance(unknown, dict) else {}
        self._mint = mint
        self._location = location
        self._hidden = hidden

    def computed(self, types: Mapping[str, AttributeType]) -> dict[str, Any]:
        found = {}
        for name, kind in types.items():
            value = self._value(self._after.get(name), self._unknown.get(name), kind, name)
            if value is not None:
                found[name] = value
        return found

    def _value(self, known: Any, unknown: Any, type: AttributeType, path: str) -> Any:  # noqa: ANN401
        """The value at a path with a token for each unknown text in it; None where nothing can be said."""
        if unknown is True:
            return self._stand_in(type, path)
        if isinstance(known, dict):
            flags = unknown if isinstance(unknown, dict) else {}
            keys = dict.fromkeys([*known, *flags])
            return {
                key: self._value(known.get(key), flags.get(key), _inner(type, key), f"{path}.{key}") for key in keys
            }
        if isinstance(known, list):
            return [
                self._value(item, nth(unknown, number), _inner(type, number), f"{path}[{number}]")
                for number, item in enumerate(known)
            ]
        return known

    def _stand_in(self, type: AttributeType, path: str) -> Any:  # noqa: ANN401
        feed = Feed(self._change["address"], path)
        if type == "string":
            return self._mint.token(
                feed,
                type=self._change["type"],
                arguments=self._after,
                location=self._location,
                identity=self._change.get("previous_address"),
            )
        # how many there will be, or which number, nobody can tell: whoever counts or compares them is not decided
        self._hidden.add(feed)
        if isinstance(type, list) and type[0] in ("list", "set"):
            return [self._stand_in(type[1], f"{path}[0]")]
        if isinstance(type, list) and type[0] == "object":
            return {name: self._stand_in(inner, f"{path}.{name}") for name, inner in type[1].items()}
        return {"number": 0, "bool": False}.get(type) if isinstance(type, str) else {}


class _Locations:
    """Where the provider configuration of each resource works."""

    def __init__(self, document: Mapping[str, Any], region: str) -> None:
        self._document = document
        self._region = region
        self.account = UNKNOWN_ACCOUNT
        self._partition = ""
        for data in _read_data(document):
            if data["type"] == "aws_caller_identity":
                self.account = data["values"].get("account_id") or self.account
            if data["type"] == "aws_partition":
                self._partition = data["values"].get("partition") or self._partition
        self._keys = dict(_provider_keys(document.get("configuration", {}).get("root_module", {}), ""))

    def of(self, change: Mapping[str, Any]) -> Location:
        path = ".".join(module_path(change.get("module_address", "")))
        region = self._region_of(self._keys.get((path, change["mode"], change["type"], change["name"]), ""))
        guessed = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
        return Location(self._partition or guessed, region, self.account)

    def _region_of(self, key: str) -> str:
        configuration = self._document.get("configuration", {}).get("provider_config", {}).get(key, {})
        expression = configuration.get("expressions", {}).get("region", {})
        value = expression.get("constant_value")
        for reference in expression.get("references", ()) if value is None else ():
            name = reference.removeprefix("var.")
            value = self._document.get("variables", {}).get(name, {}).get("value", value)
        return value if isinstance(value, str) else self._region


def _provider_keys(module: Mapping[str, Any], path: str) -> Iterator[tuple[tuple[str, str, str, str], str]]:
    for resource in module.get("resources", ()):
        yield (path, resource["mode"], resource["type"], resource["name"]), resource.get("provider_config_key", "")
    for name, call in module.get("module_calls", {}).items():
        yield from _provider_keys(call.get("module", {}), f"{path}.{name}".strip("."))


def _read_data(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The data sources that were read while planning."""
    pending = [document.get("prior_state", {}).get("values", {}).get("root_module", {})]
    while pending:
        module = pending.pop()
        yield from (resource for resource in module.get("resources", ()) if resource["mode"] == "data")
        pending.extend(module.get("child_modules", ()))


def _known(values: Mapping[str, Any], computed: Mapping[str, AttributeType]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and name in computed}


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


def _inner(type: AttributeType, key: str | int) -> AttributeType:
    if isinstance(type, list) and type[0] == "object":
        return type[1].get(key, "dynamic")
    if isinstance(type, list) and type[0] == "tuple":
        return type[1][key] if isinstance(key, int) and key < len(type[1]) else "dynamic"
    return type[1] if isinstance(type, list) else "dynamic"


def _override(mode: str, address: str, values: Mapping[str, Any]) -> str:
    kind = "override_data" if mode == "data" else "override_resource"
    return f"  {kind} {{\n    target = {address}\n    values = {_expression(values)}\n  }}\n\n"


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _expression(value: Any) -> str:  # noqa: ANN401
    """A value as an HCL expression: JSON but for templates and some escapes.

    https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_expression(str(key))} = {_expression(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_expression, value)) + "]"
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False).replace("\\b", "\\u0008").replace("\\f", "\\u000c")
        return text.replace("${", "$${").replace("%{", "%%{")
    return json.dumps(value)
