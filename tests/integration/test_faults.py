"""The stack survives what goes wrong, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future

import pytest

from stackproof.deployment import Trials
from stackproof.pytest_plugin.run import Target

from .scenarios import IN_SHORT, SCENARIOS

# the botocore that checkov asks for is older than the warning
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


@pytest.mark.fault
@pytest.mark.environment("dev", "prod")
@pytest.mark.parametrize(
    "scenario", [pytest.param(name, marks=() if name in IN_SHORT else pytest.mark.nightly) for name in SCENARIOS]
)
def test_the_stack_survives(
    scenario: str, stackproof_target: Target, begun: Mapping[tuple[str, str], Future[None]], trials: Trials
) -> None:
    environment = stackproof_target.environment
    trials.awaited(f"{environment} {scenario}", begun[scenario, environment])
