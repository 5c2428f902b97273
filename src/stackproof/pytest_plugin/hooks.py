"""Hooks that a conftest.py may implement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from stackproof.deployment import Trial


@pytest.hookspec
def pytest_stackproof_before_apply(trial: Trial) -> None:
    """Do what an operator does before a stack can be applied as a whole.

    Such as giving a secret its value: `trial.deployment.apply(targets=[...])` makes it, and
    `trial.client("secretsmanager")` fills it. Called once a trial, in a thread of its own; every implementation is
    called for every stack.
    """
