"""The whole cycle by Terraform and the real provider, under the policy that was written from its recording."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from stackproof.deployment.deployment import Deployment, Means
from stackproof.plan import Action
from stackproof.sandbox.account import Account
from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.deployer import DeployerPolicy, as_texts, explain_denied, write_policy
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.proxy.proxy import Proxy
from stackproof.sandbox.proxy.recording import Recording
from stackproof.sandbox.remote_state import RemoteState
from stackproof.settings import Environment, Stack
from stackproof.terraform import locate
from stackproof.terraform.diagnostics import TerraformFailed

# the botocore that checkov asks for is older than the warning
pytestmark = [
    pytest.mark.nightly,
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
]

NUMBER = "123456789012"
STACK = Stack("permitted", Path(__file__).parents[1] / "stacks/permitted", {})
HANGS_SECONDS = 120
KEY = "permitted/dev.tfstate"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def account() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as account:
        yield account


@pytest.fixture(scope="module")
def policy(account: EmulatedAccount, cache: Path) -> DeployerPolicy:
    recording = Recording()
    state_of(account).make()
    with Proxy(account, observers=[recording]) as proxy, deployment(proxy, account, cache) as deployed:
        deployed.apply()
        deployed.plan()
        deployed.destroy()
    return write_policy(recording, account=NUMBER)


@pytest.fixture
def enforced(account: EmulatedAccount) -> Iterator[EmulatedAccount]:
    account.reset()
    state_of(account).make()
    yield account
    account.enforce_iam(False)


def state_of(account: Account) -> RemoteState:
    return RemoteState(account, account_id=NUMBER, region="us-east-1")


def deployment(proxy: Account, account: Account, cache: Path) -> Deployment:
    return Deployment(
        STACK, Environment("dev"), proxy, Means(locate.locate(), HANGS_SECONDS, cache), state_of(account), key=KEY
    )


def deployer(account: EmulatedAccount, policy: DeployerPolicy) -> Account:
    """A user with a policy and nothing else, in an account that enforces it."""
    iam = Clients(account)("iam")
    iam.create_user(UserName="deployer")
    for number, document in enumerate(policy.documents):
        iam.put_user_policy(UserName="deployer", PolicyName=f"part-{number}", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName="deployer")["AccessKey"]
    account.enforce_iam()
    return account.as_identity(key["AccessKeyId"], key["SecretAccessKey"])


def test_terraform_goes_through_its_cycle_under_the_policy(
    policy: DeployerPolicy, enforced: EmulatedAccount, cache: Path
) -> None:
    assert policy.unknown == ()
    recording = Recording()
    identity = deployer(enforced, policy)
    with Proxy(identity, observers=[recording]) as proxy, deployment(proxy, enforced, cache) as deployed:
        deployed.apply()
        plan = deployed.plan()
        deployed.destroy()
    assert explain_denied(recording.calls, policy) == ()
    assert set(write_policy(recording, account=NUMBER).needs) <= set(policy.needs)
    assert plan.count(Action.NO_OP) == len(plan.changes)


def test_terraform_makes_the_same_of_hcl(account: EmulatedAccount, cache: Path, tmp_path: Path) -> None:
    queue = Call("sqs", "DeleteQueue", "us-east-1", parameters={"QueueUrl": "https://sqs/what?-%{if}-${a}"})
    policy = write_policy([queue, Call("ecs", "ListClusters", "us-east-1")], account=NUMBER)
    output = 'output "made" {\n  value = data.aws_iam_policy_document.deployer.json\n}\n'
    main = (STACK.folder / "main.tf").read_text(encoding="utf-8").partition("resource")[0]
    (tmp_path / "main.tf").write_text("\n".join([main, *as_texts(policy, "hcl"), output]), encoding="utf-8")
    state_of(account).make()
    means = Means(locate.locate(), HANGS_SECONDS, cache)
    stack = Stack("hcl", tmp_path, {})
    with Deployment(stack, Environment("dev"), account, means, state_of(account), key=KEY) as deployed:
        deployed.apply()
        made = json.loads(deployed.outputs["made"])
    (document,) = policy.documents
    listed = {"Action", "Resource"}
    for statement in made["Statement"]:
        statement |= {key: [value] for key, value in statement.items() if key in listed and isinstance(value, str)}
        for tests in statement.get("Condition", {}).values():
            tests |= {key: [value] for key, value in tests.items() if isinstance(value, str)}
    assert made == document


def test_what_changes_from_run_to_run_is_not_in_the_policy(policy: DeployerPolicy) -> None:
    (role,) = {need.resource for need in policy.needs if need.action == "iam:CreateRole"}
    assert role == f"arn:aws:iam::{NUMBER}:role/shop-dev-worker-*"
    (passed,) = (need for need in policy.needs if need.action == "iam:PassRole")
    assert passed.resource == role
    assert passed.conditions[0].values == ("ecs-tasks.amazonaws.com",)


@pytest.mark.parametrize(
    ("action", "lack"),
    [
        ("s3:PutEncryptionConfiguration", "s3:PutEncryptionConfiguration on arn:aws:s3:::shop-dev-documents"),
        ("iam:PassRole", f"iam:PassRole on arn:aws:iam::{NUMBER}:role/shop-dev-worker-*"),
    ],
)
def test_without_one_action_terraform_fails_and_the_action_is_named(
    policy: DeployerPolicy, enforced: EmulatedAccount, cache: Path, action: str, lack: str
) -> None:
    without = policy.without(action)
    recording = Recording()
    identity = deployer(enforced, without)
    with (
        Proxy(identity, observers=[recording]) as proxy,
        deployment(proxy, enforced, cache) as deployed,
        pytest.raises(TerraformFailed) as raised,
    ):
        deployed.apply()
    assert f"the policy lacks {lack}" in [str(each) for each in explain_denied(recording.calls, without)]
    # without the calls, the operation that Terraform tells of is all there is
    said = [lacking.action for lacking in explain_denied(str(raised.value))]
    assert said[0] in (action, "ecs:RegisterTaskDefinition")
