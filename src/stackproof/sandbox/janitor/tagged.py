"""Resources that carry a run's tags.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from stackproof.sandbox.clients import Clients
from stackproof.sandbox.janitor.leftovers import Kind, Leftover
from stackproof.sandbox.janitor.regions import GLOBAL_REGION, Regions
from stackproof.sandbox.janitor.removal import is_going
from stackproof.sandbox.runs import EXPIRES_TAG, RUN_TAG, STACK_TAG, from_text

_OF_SERVICES = "/aws-service-role/"
_PROFILE = "InstanceProfileName"


def find_tagged(clients_in: Regions, regions: Sequence[str]) -> list[Leftover]:
    """Everything in these regions, and outside of all, that has the tag of a run; what is on its way out is left out.

    Raises botocore's errors where the account cannot be asked.
    """
    found: dict[str, Leftover] = {}
    for region in dict.fromkeys((*regions, GLOBAL_REGION)):
        clients = clients_in(region)
        for arn, tags in _told_by_tagging(clients):
            if arn not in found and not is_going(clients, arn):
                found[arn] = _leftover(arn, tags)
    # the tagging API does not tell of roles and users, and not everywhere of the rest of IAM
    for arn, tags in _told_by_iam(clients_in(GLOBAL_REGION)):
        found.setdefault(arn, _leftover(arn, tags))
    return sorted(found.values(), key=lambda leftover: (leftover.run, leftover.name))


def _leftover(arn: str, tags: Mapping[str, str]) -> Leftover:
    expires: datetime | None = None
    with contextlib.suppress(ValueError):
        expires = from_text(tags.get(EXPIRES_TAG, ""))
    return Leftover(Kind.RESOURCE, arn, tags[RUN_TAG], expires, "tag", tags.get(STACK_TAG, ""))


def _told_by_tagging(clients: Clients) -> Iterator[tuple[str, Mapping[str, str]]]:
    pages = clients("resourcegroupstaggingapi").get_paginator("get_resources")
    for page in pages.paginate(TagFilters=[{"Key": RUN_TAG}]):
        for entry in page["ResourceTagMappingList"]:
            yield entry["ResourceARN"], _as_mapping(entry["Tags"])


def _told_by_iam(clients: Clients) -> Iterator[tuple[str, Mapping[str, str]]]:
    iam = clients("iam")
    roles = (role for role in _listed(iam, "list_roles", "Roles") if not role["Path"].startswith(_OF_SERVICES))
    listed: tuple[tuple[Iterable[Mapping[str, Any]], str, str], ...] = (
        (roles, "list_role_tags", "RoleName"),
        (_listed(iam, "list_users", "Users"), "list_user_tags", "UserName"),
        (_listed(iam, "list_policies", "Policies", Scope="Local"), "list_policy_tags", "PolicyArn"),
        (_listed(iam, "list_instance_profiles", "InstanceProfiles"), "list_instance_profile_tags", _PROFILE),
    )
    for entries, call, parameter in listed:
        for entry in entries:
            with contextlib.suppress(iam.exceptions.NoSuchEntityException):  # gone since it was listed
                tags = _as_mapping(getattr(iam, call)(**{parameter: entry.get(parameter, entry["Arn"])})["Tags"])
                if RUN_TAG in tags:
                    yield entry["Arn"], tags


def _listed(client: Any, call: str, member: str, **parameters: str) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401
    for page in client.get_paginator(call).paginate(**parameters):
        yield from page[member]


def _as_mapping(tags: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
