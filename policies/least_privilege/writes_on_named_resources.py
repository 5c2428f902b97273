"""Actions that write or manage permissions are allowed on named resources, where AWS lets a policy name them."""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Mapping, Sequence

from stackproof.analysis.access.catalog import actions
from stackproof.analysis.access.catalog.actions import Level
from stackproof.analysis.access.patterns import globs
from stackproof.policy.conditions import limited
from stackproof.policy.statements import (
    IDENTITY_TYPES,
    About,
    Case,
    Effect,
    IdentityStatementRule,
    Severity,
    Statement,
    named,
)

SHOWN = 80
"""How much of a list of actions a message has."""

EXEMPT = ("iam:CreateVirtualMFADevice", "iam:PassRole")
"""An action for which AWS itself names no device, and one that has a rule of its own.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html
"""

LIMITING = re.compile(
    r"aws:(resource|request)tag/.+"
    r"|(?!(ec2:region|kms:calleraccount|s3:(authtype|resourceaccount|signatureage|signatureversion|tlsversion))$)"
    r"(?!aws:).+",
    re.IGNORECASE,
)
"""Condition keys that say which resource is meant, or what for: tags, and whatever only one service knows.

The service keys that are left out are alike in every request of the account's own.
"""

NOT_ONLY_STARS = re.compile(r".*[^*].*", re.DOTALL)

_PLACED = re.compile(r"^arn:[^:]*:([^:]*:[^:]*):[^:]*:")


class WritesOnNamedResources(IdentityStatementRule):
    about = About(
        id="SP_IAM_002",
        title="Actions that write or manage permissions are allowed on named resources only",
        severity=Severity.HIGH,
        types=IDENTITY_TYPES,
        why="whoever gets hold of the role can change or destroy what belongs to others in the account",
        remedy="give the ARNs of the resources, or limit the statement by their tags or by a condition of the service",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html",
    )

    def judge_statement(self, case: Case, statement: Statement) -> None:
        writes = {action: forms for pattern in statement.actions for action, forms in _writes(pattern.lower()).items()}
        if statement.effect is Effect.ALLOW and writes:
            resources = [_anywhere(str(resource)) for resource in statement.resources]
            wide = [action for action, forms in writes.items() if _name_none(resources, forms)]
            if wide and not limited(statement, LIMITING, NOT_ONLY_STARS):
                shown = textwrap.shorten(", ".join(wide), SHOWN, placeholder=" ...")
                case.fail(f"{named(statement)} allows on every resource {shown}", at=statement.place)


@functools.cache
def _writes(pattern: str) -> Mapping[str, Sequence[Sequence[str]]]:
    """The actions of a pattern that write and whose requests name a resource, each with the ARNs of what it names.

    Of several groups one is named, of a group all.
    """
    return {
        action: _forms(action)
        for action in actions.expand(pattern)
        if actions.level(action) in (Level.WRITE, Level.PERMISSIONS) and action not in EXEMPT and _forms(action)
    }


def _forms(action: str) -> Sequence[Sequence[str]]:
    required = tuple(map(_anywhere, actions.resource_types(action, required=True).values()))
    others = [(_anywhere(form),) for form in actions.resource_types(action).values()]
    # the only one that is not required may be left out of a request
    return [required] if required else others if len(others) > 1 else []


def _anywhere(arn: str) -> str:
    """An ARN in whatever account: a policy reaches no further than its own in any case."""
    return _PLACED.sub(r"arn:aws:\1:*:", arn)


def _name_none(resources: Sequence[str], forms: Sequence[Sequence[str]]) -> bool:
    return any(all(globs.includes(resources, form) for form in group) for group in forms)


check = WritesOnNamedResources()
