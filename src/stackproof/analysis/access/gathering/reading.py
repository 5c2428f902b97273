"""Reads the policy that an argument of a resource holds, as far as the plan tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.analysis.access.documents.documents import VERSION, Policy, PolicyKind, parse_policy
from stackproof.plan import Place, Resource, Stack
from stackproof.plan.values import Unknown, Withheld

DOCUMENT = "aws_iam_policy_document"

_Data = Any

_MERGED = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")
_LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


class Reader:
    """Reads policies from the arguments of one stack's resources."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def read(self, resource: Resource, path: str, kind: PolicyKind, *, name: str = "") -> Policy | None:
        """The policy at a path; None where the configuration sets none.

        A text that is known only after apply is put together from the `aws_iam_policy_document` that feeds it, in
        which single elements may be unknown; else the policy is undecided. Raises PlanError for what is no policy.
        """
        value = resource.get(path)
        if value is None or (isinstance(value, str) and not len(value)):
            return None
        holder, place = resource.address, resource.place_of(path)
        if isinstance(value, Unknown):
            if resource.leaves_out(path):
                return None
            value = self._assembled(resource, path) or value
        return parse_policy(
            value,
            kind=kind,
            holder=holder,
            path=path,
            place=place,
            name=name,
            statement_place=lambda number: self._statement_place(resource, path, number),
        )

    def _source(self, resource: Resource, path: str) -> Resource | None:
        """The one document that is the value, where there is one and it stands by itself."""
        wiring = resource.wired(path)
        documents = [address for address in wiring.addresses if address in self._stack]
        documents = [address for address in documents if self._stack[address].type == DOCUMENT]
        if len(documents) != 1:
            return None
        document = self._stack[documents[0]]
        return None if any(_is_given(document, name) for name in _MERGED) else document

    def _statement_place(self, resource: Resource, path: str, number: int) -> Place | None:
        document = self._source(resource, path)
        return document.place_of(f"statement[{number}]") if document else None

    def _assembled(self, resource: Resource, path: str) -> _Data:
        wiring = resource.wired(path)
        if not wiring.exact or len(wiring.feeds) != 1 or not wiring.feeds[0].attribute.endswith("json"):
            return None
        document = self._source(resource, path)
        return assemble(document) if document else None


def assemble(document: Resource) -> Mapping[str, _Data] | None:
    """The policy that an `aws_iam_policy_document` will render, with Unknown where the plan does not know an element.

    None where not even its statements are known. The rules are those of the provider's documentation:
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
    """
    blocks = document.get("statement", [])
    if isinstance(blocks, Withheld):
        return None
    statements = [block if isinstance(block, Withheld) else _statement(block) for block in blocks]
    return {"Version": document.get("version", VERSION), "Statement": statements}


def _statement(block: Mapping[str, _Data]) -> Mapping[str, _Data]:
    statement: dict[str, _Data] = {"Effect": _set(block, "effect") or "Allow"}
    if isinstance(block.get("sid"), str):
        statement["Sid"] = block["sid"]
    for argument, element in _LISTS.items():
        items = _set(block, argument)
        if items is not None:
            statement[element] = _spelled(items)
    for argument, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        groups = _set(block, argument)
        if groups is not None:
            statement[element] = _principals(groups)
    conditions = _set(block, "condition")
    if conditions is not None:
        statement["Condition"] = _conditions(conditions)
    return statement


def _principals(groups: _Data) -> _Data:
    if isinstance(groups, Withheld):
        return groups
    principals: dict[str, list[_Data]] = {}
    for group in groups:
        if isinstance(group, Withheld) or isinstance(group.get("type"), Withheld):
            return group if isinstance(group, Withheld) else group["type"]
        kind = "AWS" if group["type"] == "*" else str.__str__(group["type"])
        identifiers = _spelled(group["identifiers"])
        principals.setdefault(kind, []).extend(identifiers if isinstance(identifiers, list) else [identifiers])
    return principals


def _conditions(blocks: _Data) -> _Data:
    if isinstance(blocks, Withheld):
        return blocks
    conditions: dict[str, dict[str, list[_Data]]] = {}
    for block in blocks:
        parts = [block] if isinstance(block, Withheld) else [block.get("test"), block.get("variable")]
        for part in parts:
            if isinstance(part, Withheld):
                return part
        values = _spelled(block["values"])
        keys = conditions.setdefault(str.__str__(block["test"]), {})
        keys.setdefault(_spelled(block["variable"]), []).extend(values if isinstance(values, list) else [values])
    return conditions


def _spelled(value: _Data) -> _Data:
    """A text or list with policy variables as IAM writes them: Terraform needs another sign than ${...}."""
    if isinstance(value, list):
        return [_spelled(item) for item in value]
    return str.__str__(value).replace("&{", "${") if isinstance(value, str) else value


def _set(block: Mapping[str, _Data], name: str) -> _Data:
    """The value of an argument; None for one that is left out, which a plan shows as null or empty."""
    value = block.get(name)
    return value if isinstance(value, Withheld) or (value is not None and len(value)) else None


def _is_given(resource: Resource, name: str) -> bool:
    value = resource.get(name)
    return isinstance(value, Withheld) or bool(value)
