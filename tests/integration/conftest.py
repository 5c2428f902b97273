"""What the stock dashboard needs before all of it can be applied, and the faults that it has to survive."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from stackproof import Trial
from stackproof.deployment import Trials
from stackproof.pytest_plugin.run import Target

from .scenarios import SCENARIOS

HERE = Path(__file__).parent
TARGET = "stackproof_target"
IN_EVERY_RUN = ("test_faults.py", "test_lifecycle.py")


def pytest_stackproof_before_apply(trial: Trial) -> None:
    """Give the secrets their values, which the rest reads."""
    if trial.stack.name == "stock-dashboard":
        trial.deployment.apply(targets=["aws_secretsmanager_secret.this"])
        # by the state: a real account also holds secrets of others
        for resource in trial.deployment.state()["resources"]:
            if resource["mode"] == "managed" and resource["type"] == "aws_secretsmanager_secret":
                for instance in resource["instances"]:
                    name, arn = instance["attributes"]["name"], instance["attributes"]["arn"]
                    trial.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=f"the value of {name}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave all else to the night: what every run has time for is the life of one environment, and two faults."""
    for item in items:
        if item.path.is_relative_to(HERE):
            target = item.callspec.params.get(TARGET) if hasattr(item, "callspec") else None
            if item.path.name not in IN_EVERY_RUN or (target is not None and target.environment != "dev"):
                item.add_marker(pytest.mark.nightly)


@pytest.fixture(scope="session")
def begun(request: pytest.FixtureRequest, trials: Trials) -> Mapping[tuple[str, str], Future[None]]:
    """All chosen scenarios by name and environment, begun at once: most of the time, they wait for AWS."""
    items: list[Any] = request.session.items
    own = [item for item in items if item.path.is_relative_to(HERE) and hasattr(item, "callspec")]
    asked = [item.callspec.params for item in own]
    chosen = {(params["scenario"], params[TARGET]) for params in asked if "scenario" in params}
    # the tests of the stack's life come next, wherever these are run
    for item in own:
        if "trial" in getattr(item, "fixturenames", ()):
            target = item.callspec.params[TARGET]
            trials.start(*trials.meant(target.stack, target.environment))
    return {
        (name, target.environment): trials.submit(run, trials, name, target)
        for name, target in sorted(chosen, key=lambda pair: (list(SCENARIOS).index(pair[0]), pair[1].id))
    }


def run(trials: Trials, name: str, target: Target) -> None:
    """Let one scenario happen to a stack in an account of its own."""
    with trials.new(*trials.meant(target.stack, target.environment), name=name) as trial:
        SCENARIOS[name](trial)
