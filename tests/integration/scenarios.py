"""What goes wrong with a stack in a sandbox, and what has to come of it.

Each scenario has an account of its own, and ends with the leak check: whatever happened, nothing is orphaned.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from stackproof import Trial
from stackproof.deployment import StateLocked, StateNotSaved
from stackproof.errors import SandboxError, TerraformError
from stackproof.plan import Action
from stackproof.sandbox.proxy.faults import Fault, Kind
from stackproof.terraform.operations import Operations

Scenario = Callable[[Trial], None]


def done(count: int) -> Callable[[Operations], bool]:
    """Whether so many operations are done."""
    return lambda operations: len(operations.done) >= count


def end(trial: Trial) -> None:
    """Destroy it without protection, and count what is left."""
    if trial.environment.name == "prod":
        trial.apply({"deletion_protection": False, "secret_recovery_window_days": 0})
    trial.destroy()
    trial.require_nothing_left()


def throttled(trial: Trial) -> None:
    """Calls are refused, fail, are slow or lose their connection: the apply converges all the same."""
    with trial.faults(
        Fault(Kind.THROTTLED, count=None, probability=0.1),
        Fault(Kind.SERVER_ERROR, count=None, probability=0.02),
        Fault(Kind.DROPPED, count=None, probability=0.02),
        Fault(Kind.SLOW, count=None, probability=0.02, seconds=1),
    ):
        trial.apply()
    trial.require_no_changes()
    end(trial)


def killed_while_applying(trial: Trial) -> None:
    """Terraform is killed half-way: the lock names it, and the next apply converges without making things twice."""
    trial.apply(until=done(40))
    with pytest.raises(
        StateLocked, match=r"locked by .+@.+ since .+ \(for Apply\).+terraform force-unlock [0-9a-f-]{36}"
    ) as locked:
        trial.apply()
    trial.deployment.unlock(locked.value.lock_id)
    assert trial.remove_orphans(), "Terraform had written down all that it had made"
    trial.apply()
    trial.require_no_changes()
    trial.require_no_orphans()
    end(trial)


def killed_while_destroying(trial: Trial) -> None:
    """Terraform is killed half-way through a destroy: the next one takes the rest."""
    if trial.environment.name == "prod":
        trial.apply({"deletion_protection": False, "secret_recovery_window_days": 0})
    else:
        trial.apply()
    trial.destroy(until=done(25))
    with pytest.raises(StateLocked) as locked:
        trial.destroy()
    trial.deployment.unlock(locked.value.lock_id)
    trial.destroy()
    trial.require_nothing_left()


def two_at_once(trial: Trial) -> None:
    """Two people apply at the same time: one is told that the state is locked, and nothing is lost."""
    with trial.rival() as rival, ThreadPoolExecutor(1) as pool:
        ours = pool.submit(trial.apply)
        while not done(5)(trial.deployment.operations):
            assert not ours.done()
            time.sleep(0.1)
        with pytest.raises(StateLocked, match="for Apply"):
            rival.apply()
        ours.result()
        assert rival.plan().count(Action.CREATE) == 0
    trial.require_no_changes()
    end(trial)


def state_not_saved(trial: Trial) -> None:
    """The bucket of the state is gone at the end of an apply: the state is kept beside, and can be pushed."""
    trial.prepare()
    with (
        trial.faults(Fault(Kind.SERVER_ERROR, "s3", "PutObject", count=None, after=1)),
        pytest.raises(StateNotSaved, match="terraform state push") as kept,
    ):
        trial.apply()
    assert kept.value.file.stat().st_mode & 0o077 == 0
    trial.deployment.push(kept.value.file)
    kept.value.file.unlink()
    trial.require_no_orphans()
    # Terraform gives up where it cannot save, so that something is left to do
    trial.apply()
    trial.require_no_changes()
    end(trial)


def answers_lost(trial: Trial) -> None:
    """Calls succeed whose answers nobody hears: what they made is found, and made once only."""
    with (
        trial.faults(
            Fault(Kind.ANSWER_LOST, "iam", "CreateRole", count=1),
            Fault(Kind.ANSWER_LOST, "logs", "CreateLogGroup", count=1),
            Fault(Kind.ANSWER_LOST, "ec2", "CreateVpc", count=1),
        ),
        pytest.raises(TerraformError, match="already exists"),
    ):
        trial.apply()
    trial.remove_orphans()
    trial.apply()
    trial.require_no_changes()
    trial.require_no_orphans()
    end(trial)


def credentials_expired(trial: Trial) -> None:
    """The credentials expire in the middle of an apply: it says so at once, and goes on with new ones."""
    trial.prepare()
    with (
        trial.faults(Fault(Kind.EXPIRED, "e*", "*", count=None, after=3)),
        pytest.raises(SandboxError, match="the credentials expired"),
    ):
        trial.apply()
    trial.remove_orphans()
    trial.apply()
    trial.require_no_changes()
    trial.require_no_orphans()
    end(trial)


IN_SHORT: dict[str, Scenario] = {
    "throttled": throttled,
    "killed while applying": killed_while_applying,
}
"""Those that every run has."""

SCENARIOS: dict[str, Scenario] = IN_SHORT | {
    "killed while destroying": killed_while_destroying,
    "two at once": two_at_once,
    "state not saved": state_not_saved,
    "answers lost": answers_lost,
    "credentials expired": credentials_expired,
}
