"""The parameters of a request, read back from what each protocol makes of them; what may be secret is left out.

https://smithy.io/2.0/aws/protocols/index.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

from stackproof.sandbox.api import cbor, routes
from stackproof.sandbox.api.secrets import kept
from stackproof.sandbox.api.wire import HttpRequest

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape  # type: ignore[import-untyped]

Tree = dict[str, Any]
"""A form whose names were taken apart at their dots; a text is held under ""."""


def read(http: HttpRequest, operation: OperationModel, protocol: str) -> Mapping[str, Any]:
    """The parameters of a request for an operation, named as in boto3; empty where the body cannot be read."""
    shape = operation.input_shape
    if shape is None:
        return {}
    found: Mapping[str, Any]
    try:
        match protocol:
            case "json":
                found = _from_json(shape, json.loads(http.body or b"{}"))
            case "smithy-rpc-v2-cbor":
                found = _from_json(shape, cbor.loads(http.body or b"\xa0"))
            case "query" | "ec2":
                found = _from_form(shape, _tree(http), ec2=protocol == "ec2")
            case _:
                found = _from_rest(http, operation, protocol)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError, ET.ParseError):
        return {}
    return found


def _from_json(shape: Shape, value: Any) -> Any:  # noqa: ANN401  # as JSON gives it
    match shape.type_name:
        case "structure":
            found = {}
            for name, member in shape.members.items():
                inside = value.get(member.serialization.get("name", name))
                if inside is not None and kept(name, member):
                    found[name] = _from_json(member, inside)
            return found
        case "list":
            return [_from_json(shape.member, item) for item in value] if kept("", shape.member) else []
        case "map":
            return {key: _from_json(shape.value, item) for key, item in value.items() if kept(key, shape.value)}
        case _:
            return value


def _from_form(shape: Shape, tree: Tree, *, ec2: bool) -> Any:  # noqa: ANN401  # any value of the protocol
    match shape.type_name:
        case "structure":
            found = {}
            for name, member in shape.members.items():
                inside = _inside(tree, name, member, ec2=ec2)
                if inside is not None and kept(name, member):
                    found[name] = _from_form(member, inside, ec2=ec2)
            return found
        case "list":
            items = tree
            if not ec2 and not shape.serialization.get("flattened"):
                items = tree.get(shape.member.serialization.get("name", "member"), {})
            return [_from_form(shape.member, items[key], ec2=ec2) for key in _numbers(items)]
        case "map":
            entries = tree if shape.serialization.get("flattened") else tree.get("entry", {})
            key_name = shape.key.serialization.get("name", "key")
            value_name = shape.value.serialization.get("name", "value")
            pairs = [(entries[at][key_name][""], entries[at][value_name]) for at in _numbers(entries)]
            return {key: _from_form(shape.value, value, ec2=ec2) for key, value in pairs if kept(key, shape.value)}
        case kind:
            return _typed(kind, tree.get("", ""))


def _inside(tree: Tree, name: str, member: Shape, *, ec2: bool) -> Tree | None:
    how = member.serialization
    if ec2:
        own = how.get("name", name)
        return tree.get(how.get("queryName") or own[:1].upper() + own[1:])
    if member.type_name == "list" and how.get("flattened"):
        own = member.member.serialization.get("name")
        if own and own in tree:
            return tree.get(own)
    return tree.get(how.get("name", name))


def _tree(http: HttpRequest) -> Tree:
    tree: Tree = {}
    pairs = parse_qsl(http.body.decode("utf-8", errors="replace"), keep_blank_values=True)
    for name, text in parse_qsl(http.query, keep_blank_values=True) + pairs:
        at = tree
        for step in name.split("."):
            at = at.setdefault(step, {})
        at[""] = text
    return tree


def _numbers(tree: Tree) -> list[str]:
    return sorted((key for key in tree if key.isdecimal()), key=int)


def _from_rest(http: HttpRequest, operation: OperationModel, protocol: str) -> Mapping[str, Any]:
    shape = operation.input_shape
    found: dict[str, Any] = {}
    labels = routes.labels(operation, http)
    query: dict[str, list[str]] = {}
    for key, text in parse_qsl(http.query, keep_blank_values=True):
        query.setdefault(key, []).append(text)
    payload = shape.serialization.get("payload")
    for name, member in shape.members.items():
        if not kept(name, member):
            continue
        own = member.serialization.get("name", name)
        match member.serialization.get("location"):
            case "uri" if own in labels:
                found[name] = _typed(member.type_name, labels[own])
            case "querystring" if member.type_name == "list" and own in query:
                found[name] = query[own]
            case "querystring" if own in query:
                found[name] = _typed(member.type_name, query[own][0])
            case "header" if own.lower() in http.headers:
                found[name] = _typed(member.type_name, http.headers[own.lower()])
            case None if name == payload and member.type_name == "string":
                found[name] = http.body.decode("utf-8", errors="replace")
            case None if name == payload and http.body:
                found[name] = _from_body(member, http, protocol)
    if payload is None and http.body:
        found |= {name: value for name, value in _from_body(shape, http, protocol).items() if name not in found}
    return found


def _from_body(shape: Shape, http: HttpRequest, protocol: str) -> Any:  # noqa: ANN401  # as the shape has it
    if protocol == "rest-json":
        return _from_json(shape, json.loads(http.body))
    return _from_xml(shape, ET.fromstring(http.body))  # noqa: S314  # expat refuses runaway entities


def _from_xml(shape: Shape, element: ET.Element) -> Any:  # noqa: ANN401  # any value of the protocol
    match shape.type_name:
        case "structure":
            found: dict[str, Any] = {}
            for name, member in shape.members.items():
                if member.serialization.get("location") or not kept(name, member):
                    continue
                flat = member.type_name in ("list", "map") and member.serialization.get("flattened")
                own = member.serialization.get("name", name)
                if member.type_name == "list" and flat:
                    own = member.member.serialization.get("name", own)
                if member.serialization.get("xmlAttribute"):
                    texts = [text for key, text in element.items() if _local(key) == own.rpartition(":")[2]]
                    found |= {name: texts[0]} if texts else {}
                    continue
                children = [child for child in element if _local(child.tag) == own]
                if children and flat and member.type_name == "list":
                    found[name] = [_from_xml(member.member, child) for child in children]
                elif children:
                    found[name] = _from_xml(member, children[0])
            return found
        case "list":
            return [_from_xml(shape.member, child) for child in element]
        case "map":
            return {}
        case kind:
            return _typed(kind, element.text or "")


def _local(tag: str) -> str:
    return re.sub(r"\{[^}]*\}", "", tag)


def _typed(kind: str, text: str) -> Any:  # noqa: ANN401  # a text, number or truth value
    match kind:
        case "boolean":
            return text.lower() == "true"
        case "integer" | "long":
            return int(text)
        case "float" | "double":
            return float(text)
        case _:
            return text
