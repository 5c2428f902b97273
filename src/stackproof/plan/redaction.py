"""Take every sensitive value out of a plan document before anybody can read, print or keep it.

`terraform show -json` prints sensitive values in the clear and marks them beside: `after_sensitive`,
`before_sensitive`, `sensitive_values`, and `sensitive` on outputs and variables:
https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.plan.addresses import module_path
from stackproof.plan.values import is_marked

REDACTED = "(sensitive value)"

CHANGED_SENSITIVE = "stackproof_changed_sensitive"
"""The key of a change under which the paths are kept at which sensitive values differ: redacted, they look the same."""

_SECRET_NAME = re.compile(r"access_key|api_?key|credential|password|private_key|secret|token", re.IGNORECASE)

_Document = dict[str, Any]


def redact(document: _Document) -> _Document:
    """Replace each sensitive value in a plan document in place, null excepted, and give the document back."""
    secret_arguments: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for change in [*document.get("resource_changes", ()), *document.get("resource_drift", ())]:
        detail = change["change"]
        marks = detail.get("after_sensitive"), detail.get("before_sensitive")
        key = (_module_path(change.get("module_address", "")), change["type"], change["name"])
        for mark in marks:
            if isinstance(mark, dict):
                secret_arguments[key] |= {name for name, flag in mark.items() if is_marked(flag)}
        if CHANGED_SENSITIVE not in detail:
            paths = list(_changed(detail.get("before"), detail.get("after"), *marks, detail.get("after_unknown")))
            if paths:
                detail[CHANGED_SENSITIVE] = paths
        for side in ("before", "after"):
            if side in detail:
                detail[side] = _redacted(detail[side], detail.get(f"{side}_sensitive"))
    for change in document.get("output_changes", {}).values():
        for side in ("before", "after"):
            if side in change:
                change[side] = _redacted(change[side], change.get(f"{side}_sensitive"))
    for state in (document.get("planned_values"), document.get("prior_state", {}).get("values")):
        if state:
            _redact_state(state, secret_arguments)
    root = document.get("configuration", {}).get("root_module", {})
    for name, variable in document.get("variables", {}).items():
        if root.get("variables", {}).get(name, {}).get("sensitive"):
            variable["value"] = _redacted(variable.get("value"), True)
    _redact_configuration(root, "", secret_arguments)
    for provider in document.get("configuration", {}).get("provider_config", {}).values():
        _redact_named(provider.get("expressions"))
    return document


def _redact_state(state: _Document, secret_arguments: dict[tuple[str, str, str], set[str]]) -> None:
    for output in state.get("outputs", {}).values():
        if output.get("sensitive"):
            output["value"] = _redacted(output.get("value"), True)
    pending = [state.get("root_module", {})]
    while pending:
        module = pending.pop()
        for resource in module.get("resources", ()):
            marks = resource.get("sensitive_values") or {}
            key = (_module_path(module.get("address", "")), resource["type"], resource["name"])
            secret_arguments[key] |= {name for name, flag in marks.items() if is_marked(flag)}
            if "values" in resource:
                resource["values"] = _redacted(resource["values"], marks)
        pending.extend(module.get("child_modules", ()))


def _redact_configuration(
    module: _Document, path: str, secret_arguments: Mapping[tuple[str, str, str], set[str]]
) -> None:
    """Literals stand in the configuration too: of sensitive arguments, inputs, outputs and variables' defaults."""
    for variable in module.get("variables", {}).values():
        if variable.get("sensitive") and variable.get("default") is not None:
            variable["default"] = REDACTED
    for output in module.get("outputs", {}).values():
        if output.get("sensitive"):
            _redact_constants(output.get("expression"))
    for resource in module.get("resources", ()):
        for name in secret_arguments.get((path, resource["type"], resource["name"]), ()):
            _redact_constants(resource.get("expressions", {}).get(name))
        for provisioner in resource.get("provisioners", ()):
            _redact_named(provisioner.get("expressions"))
    for name, call in module.get("module_calls", {}).items():
        child = call.get("module", {})
        for argument, expression in call.get("expressions", {}).items():
            if child.get("variables", {}).get(argument, {}).get("sensitive"):
                _redact_constants(expression)
        _redact_configuration(child, f"{path}.{name}".strip("."), secret_arguments)


def _redact_named(expressions: object) -> None:
    """Providers and provisioners mark nothing as sensitive; there the argument's name has to tell."""
    if isinstance(expressions, list):
        for item in expressions:
            _redact_named(item)
    elif isinstance(expressions, dict):
        for name, expression in expressions.items():
            if _SECRET_NAME.search(name):
                _redact_constants(expression)
            else:
                _redact_named(expression)


def _redact_constants(expression: object) -> None:
    if isinstance(expression, list):
        for item in expression:
            _redact_constants(item)
    elif isinstance(expression, dict):
        if expression.get("constant_value") is not None:
            expression["constant_value"] = REDACTED
        for inner in expression.values():
            _redact_constants(inner)


def _redacted(value: object, marks: object) -> object:
    if value is None or not marks:
        return value
    if marks is True:
        return REDACTED
    if isinstance(value, dict) and isinstance(marks, dict):
        return {key: _redacted(item, marks.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(marks, list):
        padded = [*marks, *[None] * (len(value) - len(marks))]
        return [_redacted(item, mark) for item, mark in zip(value, padded, strict=False)]
    return REDACTED if is_marked(marks) else value  # marks of another shape leave open which part is meant


def _changed(
    before: object, after: object, marks: object, others: object, unknown: object, path: tuple[str | int, ...] = ()
) -> Iterator[list[str | int]]:
    """The paths at which two values differ that either side's marks call sensitive, as deep as marks go."""
    if before == after or unknown is True or not (is_marked(marks) or is_marked(others)):
        return
    if isinstance(before, dict) and isinstance(after, dict) and True not in (marks, others):
        for key in {*before, *after}:
            yield from _changed(
                before.get(key),
                after.get(key),
                _part(marks, key),
                _part(others, key),
                _part(unknown, key),
                (*path, key),
            )
    elif (
        isinstance(before, list)
        and isinstance(after, list)
        and len(before) == len(after)
        and True not in (marks, others)
    ):
        for number in range(len(before)):
            yield from _changed(
                before[number],
                after[number],
                _part(marks, number),
                _part(others, number),
                _part(unknown, number),
                (*path, number),
            )
    else:
        yield list(path)


def _part(value: object, step: str | int) -> object:
    """The mark at a step; one that says true stands for all below it."""
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _module_path(address: str) -> str:
    return ".".join(module_path(address))
