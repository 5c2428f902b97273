"""What the emulated account holds, read from moto's own memory: a judge that asks no API.

moto's own list for its dashboard (https://docs.getmoto.org/en/latest/docs/server_mode.html) never forgets what was
deleted, so what counts is what its backends hold.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

Contents = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Service, kind ("vpcs") and id of what an account holds, with the state it is in ("" where it knows none)."""

PATH = "/stackproof/contents"
WITH_DEFAULTS = ("ec2", "elasticache", "events")
"""Services that make something by themselves, such as a default VPC, when they are first asked."""
NAMES = ("arn", "id", "name")
"""Attributes that tell one of moto's objects from others where it keeps them in a list."""
STATES = ("status", "state", "key_state")
"""Attributes in which moto's objects keep their state; some stay as "deleted" for a while, as they do on AWS."""


def contents(account_id: str, region: str) -> Contents:
    """Everything in an account; what is there from the beginning, such as the default VPC, always is.

    Kinds of other regions than the account's own are named with their region ("vpcs in eu-west-1").
    """
    known: Any = importlib.import_module("moto.core.base_backend").BackendDict
    for service in WITH_DEFAULTS:
        _ = getattr(importlib.import_module(f"moto.{service}.models"), f"{service}_backends")[account_id][region]
    found: dict[str, dict[str, dict[str, str]]] = {}
    for backends in list(known._instances):  # noqa: SLF001  # where moto itself finds them to reset them
        for account, place, backend in list(backends.iter_backends()):
            if account != account_id:
                continue
            for kind, states in _kinds(backend, account_id):
                named = kind if place in (region, "aws", "global") else f"{kind} in {place}"
                found.setdefault(backends.service_name, {})[named] = states
    return dict(sorted(found.items()))


def _kinds(backend: Any, account_id: str) -> Iterator[tuple[str, dict[str, str]]]:  # noqa: ANN401
    for kind, held in sorted(vars(backend).items()):
        named = {_name(one): one for one in held if _is_model(one)} if isinstance(held, list) else held
        states = dict(sorted(_states(named, account_id))) if isinstance(named, dict) else {}
        if states:
            yield kind.lstrip("_"), states


def _states(held: Mapping[Any, Any], account_id: str, above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in list(held.items()):
        name = f"{above}{key}"
        # of something with versions, the last one tells
        last = value[-1] if isinstance(value, list) and value else value
        if isinstance(value, dict):
            yield from _states(value, account_id, f"{name}/")
        elif _is_resource(last, account_id):
            yield name, _state(vars(last))
            for kind, inner in vars(last).items():
                if isinstance(inner, dict):
                    yield from ((f"{name}/{kind}/{part}", "") for part, it in inner.items() if _is_model(it))


def _name(model: object) -> str:
    return next((str(vars(model)[name]) for name in NAMES if vars(model).get(name)), type(model).__name__)


def _state(attributes: Mapping[str, Any]) -> str:
    if attributes.get("deleted_date"):
        return "deleted"
    return next((str(attributes[state]) for state in STATES if state in attributes), "")


def _is_resource(value: object, account_id: str) -> bool:
    # AWS's own images and their snapshots are in every account
    return _is_model(value) and vars(value).get("owner_id", account_id) == account_id


def _is_model(value: object) -> bool:
    from moto.core.common_models import BaseModel

    return isinstance(value, BaseModel)
