"""The stack keeps every rule of policies/, with the exceptions that are written there."""

from __future__ import annotations

from stackproof.policy.review import Outcome


def test_policy_is_kept(policy: Outcome) -> None:
    policy.require()
