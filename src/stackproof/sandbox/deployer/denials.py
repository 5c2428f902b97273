"""What was denied, in the words of IAM: which action on which resource a policy lacks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from stackproof.sandbox.api import models
from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.deployer.actions import actions_of
from stackproof.sandbox.deployer.catalog import spelled
from stackproof.sandbox.deployer.needs import ANYTHING
from stackproof.sandbox.deployer.policy import DeployerPolicy, covers, settled_needs

CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Forbidden",
        "UnauthorizedOperation",
        "403",
    }
)
"""What AWS's services call it where a policy does not allow a call; an answer to HEAD has its status alone."""
_SAID = re.compile(r"not authorized to perform:?\s+([\w-]+:\w+)(?:\s+on resource:\s+(\S+))?")
_OPERATION = re.compile(
    r"operation error ([^:,]+): (\w+)[^\n]*?(?:StatusCode: 403|" + "|".join(sorted(CODES - {"403"})) + ")"
)


@dataclass(frozen=True, order=True)
class Denied:
    """An action that was asked for and not allowed, and the pattern of what it was asked for, `*` if not known."""

    action: str
    resource: str = ANYTHING

    def __str__(self) -> str:
        about = "" if self.resource == ANYTHING else f" on {self.resource}"
        return f"the policy lacks {self.action}{about}"


def explain_denied(what: str | Iterable[Call], policy: DeployerPolicy | None = None) -> tuple[Denied, ...]:
    """What was denied in a run, by its calls or by what Terraform said; () where nothing was.

    With the policy that the run had, what of the needs of a denied call is not in it; else the call's first action.
    """
    if isinstance(what, str):
        return tuple(dict.fromkeys([*_said(what), *_by_operation(what)]))
    return tuple(dict.fromkeys(_by_calls(tuple(what), policy)))


def _by_calls(calls: tuple[Call, ...], policy: DeployerPolicy | None) -> Iterable[Denied]:
    place = (policy.place.account, policy.place.region, policy.place.partition) if policy else ()
    needs = settled_needs([call for call in calls if call.service and call.action], *place)
    for call in calls:
        if call.error not in CODES:
            continue
        own = [need for made, need in needs if made is call]
        lacking = [need for need in own if not any(covers(has, need) for has in policy.needs)] if policy else []
        first = actions_of(call.service, call.action) or ()
        for need in lacking or [need for need in own if need.action in first[:1]]:
            yield Denied(need.action, need.resource)


def _said(text: str) -> Iterable[Denied]:
    """What AWS names itself: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html."""
    for action, resource in _SAID.findall(text):
        if known := spelled(action):
            yield Denied(known, resource.rstrip(".,;") or ANYTHING)


def _by_operation(text: str) -> Iterable[Denied]:
    """What the provider tried, where AWS did not say which action that needs, as S3 mostly does not."""
    names = {known.service_id: known.name for known in models.services()} if "operation error" in text else {}
    for line in text.splitlines():
        for service, operation in _OPERATION.findall(line):
            if not any(spelled(action) for action, _ in _SAID.findall(line)):
                for action in (actions_of(names.get(service, service.lower()), operation) or ())[:1]:
                    yield Denied(action)
