"""Ways from some rights to more that really work: on these resources, with these roles, under these conditions.

A list of dangerous actions alone says little: `iam:PassRole` to a role that has nothing more is harmless, and so is a
policy that can be written and that nobody has. Each way is asked of IAM's evaluation, and told only where the principal
gets something that it has not.
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.analysis.access.escalations.changing import by_changing
from stackproof.analysis.access.escalations.passing import Passing
from stackproof.analysis.access.escalations.taking import Taking
from stackproof.analysis.access.escalations.ways import Escalation, Scene
from stackproof.analysis.access.evaluation.policies import Policies
from stackproof.analysis.access.gathering.collection import Identity

__all__ = ["Escalation", "escalations"]

UNREAD = "use a policy that cannot be read"


def escalations(access: Policies) -> tuple[Escalation, ...]:
    """Every way in which a role or user of the stack can get rights that it has not.

    Who may do anything gets nothing more. Of identities outside the stack nobody knows what they may do: a way to them
    is undecided, and so is one that depends on a condition which the question does not give. A principal with a policy
    that cannot be read has one undecided way more, for all that this policy may open.
    """
    scene = Scene(access)
    passing, taking = Passing(scene), Taking(scene)
    found: dict[Escalation, Escalation] = {}
    for principal in (*scene.identities.roles, *scene.identities.users):
        if scene.gains.has_everything(principal):
            continue
        for escalation in (
            *_unread(principal),
            *by_changing(scene, principal),
            *passing.found(principal),
            *taking.found(principal),
        ):
            known = found.setdefault(escalation, escalation)
            if known.undecided and not escalation.undecided:
                found[escalation] = escalation
    return tuple(found.values())


def _unread(principal: Identity) -> Iterator[Escalation]:
    for policy in principal.policies:
        if policy.undecided:
            yield Escalation(
                principal.address,
                UNREAD,
                principal.address,
                "nobody knows what the policy allows",
                (f"what {policy} allows",),
                (),
                "",
                f"{policy} cannot be read: {policy.undecided}",
            )
            return
