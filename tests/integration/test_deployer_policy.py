"""The deployer's policy of the whole stack: written from one recorded life of it, and enough for the next one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from stackproof import Trial
from stackproof.deployment import Trials
from stackproof.errors import TerraformError
from stackproof.pytest_plugin.run import Target
from stackproof.sandbox.account import Account
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.deployer import DeployerPolicy, explain_denied, write_policy
from stackproof.sandbox.emulated.account import EmulatedAccount

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.environment("dev"),
    # the botocore that checkov asks for is older than the warning
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
]

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
TAKEN_OUT = "logs:CreateLogGroup"


@dataclass(frozen=True)
class Recorded:
    """A life of the stack that is over, and the policy that was written from its calls."""

    trial: Trial
    policy: DeployerPolicy


@pytest.fixture(scope="module")
def recorded(stackproof_target: Target, trials: Trials) -> Iterator[Recorded]:
    with trials.new(*trials.meant(stackproof_target.stack, stackproof_target.environment), name="recorded") as trial:
        name = f"{stackproof_target.environment} recorded"
        trials.awaited(name, trials.submit(live, trial))
        yield Recorded(trial, write_policy(trial.recording))


def live(trial: Trial) -> None:
    """All of a stack's life that a deployer is there for."""
    trial.apply()
    trial.require_no_changes()
    trial.destroy()
    trial.require_nothing_left()


@contextmanager
def held_to(policy: DeployerPolicy, trial: Trial) -> Iterator[Trial]:
    """The same stack in another account that enforces IAM, by a user who has this policy and nothing else."""
    with ExitStack() as ended:
        account = ended.enter_context(EmulatedAccount())
        administrator = user(account, "administrator", [EVERYTHING])
        deployer = user(account, "deployer", policy.documents)
        account.enforce_iam()
        yield ended.enter_context(trial.again(administrator, deployer=deployer))


def user(account: EmulatedAccount, name: str, documents: Iterable[Mapping[str, Any]]) -> Account:
    iam = Clients(account)("iam")
    iam.create_user(UserName=name)
    for number, document in enumerate(documents):
        made = iam.create_policy(PolicyName=f"{name}-{number}", PolicyDocument=json.dumps(document))
        iam.attach_user_policy(UserName=name, PolicyArn=made["Policy"]["Arn"])
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return account.as_identity(key["AccessKeyId"], key["SecretAccessKey"])


def test_every_call_of_the_stack_is_known(recorded: Recorded) -> None:
    assert recorded.policy.unknown == ()
    assert not [need for need in recorded.policy.needs if need.action.endswith("*")]


def test_the_stack_lives_under_the_policy(recorded: Recorded) -> None:
    with held_to(recorded.policy, recorded.trial) as trial:
        live(trial)
        assert explain_denied(trial.recording.calls, recorded.policy) == ()
        assert write_policy(trial.recording).actions == recorded.policy.actions


def test_without_one_action_the_apply_fails_and_the_action_is_named(recorded: Recorded) -> None:
    lacking = recorded.policy.without(TAKEN_OUT)
    with held_to(lacking, recorded.trial) as trial:
        with pytest.raises(TerraformError, match="CreateLogGroup"):
            trial.apply(targets=["module.ecs.aws_cloudwatch_log_group.this"])
        denied = explain_denied(trial.recording.calls, lacking)
    assert {each.action for each in denied} == {TAKEN_OUT}
    assert [each for each in denied if each.resource.rpartition(":log-group:")[2].startswith("/ecs/")]
