"""What an account holds, kind by kind, asked of its own APIs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from stackproof.sandbox.account import Account
from stackproof.sandbox.api.models import service_model
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.leaks.exceptions import (
    ARGUMENTS,
    DETAILS,
    ELEMENTS,
    GOING,
    GONE,
    IDENTITIES,
    is_aws_own,
)
from stackproof.sandbox.leaks.kinds import Kind, noun
from stackproof.sandbox.leaks.removal import Removal, removal_of

AT_ONCE = 8
MOST_PAGES = 1000

_NOT_THERE = re.compile(r"NotFound|NoSuch|NotExist|NonExist|DoesNotExist|Unknown\w*Id")
_STATES = ("State", "state", "Status", "status", "KeyState", "LifeCycleState", "StackStatus", "TableStatus")
_TOKENS = (("NextToken", "NextToken"), ("nextToken", "nextToken"), ("NextMarker", "Marker"), ("Marker", "Marker"))


class Standing(StrEnum):
    """Whether a thing stays until somebody removes it."""

    HELD = "held"
    GOING = "going"


@dataclass(frozen=True)
class Item:
    """One thing in an account: what kind it is of, its ARN ("" where AWS gives it none), and its identity.

    `names` are all texts by which calls may speak of it, `removal` is the call that removes it, None where that is not
    known.
    """

    kind: Kind
    identity: str
    arn: str = ""
    names: frozenset[str] = field(default=frozenset(), repr=False)
    standing: Standing = Standing.HELD
    removal: Removal | None = field(default=None, repr=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from all other things of the account."""
        whole = self.identity.startswith("arn:") or "://" in self.identity
        within = "" if whole else "/".join(value for _, value in self.kind.inputs)
        return self.kind.service, self.kind.noun, f"{within}/{self.identity}" if within else self.identity


@dataclass(frozen=True)
class Census:
    """What an account held when it was asked; `failed` are the kinds that could not be listed, and why."""

    items: Mapping[tuple[str, str, str], Item]
    kinds: frozenset[Kind]
    failed: Mapping[Kind, str]

    def has_counted(self, kind: Kind) -> bool:
        """Whether all things of a kind were counted, wherever they are."""
        return any(
            (known.service, known.list, known.inputs) == (kind.service, kind.list, ()) for known in self.kinds
        ) or (kind in self.kinds)


def counting_clients(account: Account) -> Clients:
    """The clients that count what an account holds; to make them costs more than most censuses.

    An emulated account is asked once, since what it does not serve it will not serve the next time.
    """
    emulated = account.environment().get("AWS_ENDPOINT_URL", "").startswith("http://127.0.0.1:")
    return Clients(account, attempts=1 if emulated else None)


def take(account: Account, kinds: Iterable[Kind], clients: Clients | None = None) -> Census:
    """Ask an account for everything it holds of these kinds; several threads may do so at once.

    `clients` are its counting ones, where somebody has them already. A kind that cannot be listed is no error here: the
    census names it with the reason.
    """
    region = account.environment().get("AWS_REGION", "")
    clients = clients or counting_clients(account)
    # what several operations make is listed once
    by_worth = sorted(kinds, key=lambda kind: (noun(kind.make) == kind.noun, bool(kind.undo), kind.make))
    wanted = {(kind.service, kind.list, kind.inputs): kind for kind in by_worth}
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="census") as pool:
        answers = list(pool.map(lambda kind: _ask(clients, kind, region), wanted.values()))
    items: dict[tuple[str, str, str], Item] = {}
    failed: dict[Kind, str] = {}
    for kind, answer in zip(wanted.values(), answers, strict=True):
        if isinstance(answer, str):
            failed[kind] = answer
        else:
            items.update({item.key: item for item in answer})
    return Census(items, frozenset(wanted.values()) - failed.keys(), failed)


def _ask(clients: Clients, kind: Kind, region: str) -> list[Item] | str:
    """The things of a kind, or why they cannot be listed."""
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
    from botocore.parsers import ResponseParserError  # type: ignore[import-untyped]

    if not kind.list:
        return "no operation lists them"
    try:
        client = clients(kind.service)
        return [item for element in _elements(client, kind) if (item := _item(client, kind, element, region))]
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        # where the thing is gone that they were part of, so are they
        if kind.inputs and _NOT_THERE.search(code):
            return []
        return f"{kind.list}: {code or error}"
    except (BotoCoreError, ResponseParserError) as error:
        return f"{kind.list}: {' '.join(str(error).split())}"


def _elements(client: Any, kind: Kind) -> Iterator[Any]:  # noqa: ANN401  # boto3 makes its clients' classes as it runs
    from botocore import xform_name  # type: ignore[import-untyped]

    method = xform_name(kind.list)
    given = {**ARGUMENTS.get((kind.service, kind.list), {}), **dict(kind.inputs)}
    path = ELEMENTS.get((kind.service, kind.list))
    if client.can_paginate(method):
        paginator = client.get_paginator(method)
        keys = [key.expression for key in paginator.result_keys]
        pages: Iterable[Mapping[str, Any]] = paginator.paginate(**given)
    else:
        keys, pages = [], _pages(getattr(client, method), given)
    for page in pages:
        if path is not None:
            import jmespath  # type: ignore[import-untyped]

            yield from jmespath.search(path, page) or ()
            continue
        found = [page[key] for key in keys if key in page] or [
            value for value in page.values() if isinstance(value, list)
        ]
        for elements in found:
            yield from elements


def _pages(method: Any, given: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401
    token: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        page = method(**given, **token)
        yield page
        token = {asked: page[told] for told, asked in _TOKENS if page.get(told)}
        if not token:
            return


def _item(client: Any, kind: Kind, element: Any, region: str) -> Item | None:  # noqa: ANN401
    fields: dict[str, Any] = dict(element) if isinstance(element, Mapping) else {}
    fields |= _detail(client, kind, element, fields)
    state = next((_state(fields[name]) for name in _STATES if name in fields), "")
    if state in GONE or is_aws_own(kind.service, fields):
        return None
    going = state in GOING or fields.get("DeletedDate") is not None
    identity = element if isinstance(element, str) else _identity(kind, fields)
    arn = identity if identity.startswith("arn:") else _arn(kind, fields)
    return Item(
        kind,
        identity,
        arn,
        _names(kind, fields, identity, arn),
        Standing.GOING if going else Standing.HELD,
        removal_of(kind, fields, identity, region),
    )


def _detail(client: Any, kind: Kind, element: Any, fields: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ANN401
    """What more there is to know of a thing, where its listing does not say whether it is still there."""
    if (kind.service, kind.list) not in DETAILS:
        return {}
    import jmespath
    from botocore import xform_name

    operation, argument, path = DETAILS[kind.service, kind.list]
    members = service_model(kind.service).operation_model(operation).input_shape.members
    value = element if isinstance(element, str) else fields[argument]
    given: dict[str, Any] = {name: text for name, text in kind.inputs if name in members}
    given[argument] = [value] if members[argument].type_name == "list" else value
    return jmespath.search(path, getattr(client, xform_name(operation))(**given)) or {}


def _state(value: object) -> str:
    if isinstance(value, Mapping):
        value = value.get("Name") or value.get("Code")
    return str(value).lower()


def _own(kind: Kind, suffix: str) -> tuple[str, ...]:
    """The members that may hold a thing's own ARN, id or name, in lower case."""
    return f"{kind.noun}{suffix}".lower(), suffix.lower()


def _arn(kind: Kind, fields: Mapping[str, Any]) -> str:
    lower = {name.lower(): value for name, value in fields.items() if isinstance(value, str)}
    return next((lower[name] for name in _own(kind, "Arn") if lower.get(name, "").startswith("arn:")), "")


def _identity(kind: Kind, fields: Mapping[str, Any]) -> str:
    named = IDENTITIES.get((kind.service, kind.list))
    if named is not None and named in fields:
        return str(fields[named])
    lower = {name.lower(): value for name, value in fields.items() if isinstance(value, str) and value}
    wanted = [name for suffix in ("Arn", "Id", "Name", "Key") for name in _own(kind, suffix)]
    chosen = next((lower[name] for name in wanted if name in lower), None)
    if chosen is None:
        ends = [value for name, value in lower.items() if name.endswith(("arn", "id", "name", "url", "key"))]
        # without any of those, the whole of it has to tell
        chosen = ends[0] if ends else repr(sorted(fields.items(), key=str))
    return chosen


def _names(kind: Kind, fields: Mapping[str, Any], identity: str, arn: str) -> frozenset[str]:
    lower = {name.lower(): value for name, value in fields.items() if isinstance(value, str)}
    own = [
        lower[name] for suffix in ("Arn", "Id", "Name", "Key", "Url") for name in _own(kind, suffix) if name in lower
    ]
    whole = [text for text in (identity, arn) if text.startswith("arn:") or "://" in text]
    # of an ARN or URL the last part is often the name, and calls speak by that
    ends = [re.split(r"[/:]", text)[-1] for text in whole]
    return frozenset({identity, arn, *own, *ends} - {""})
