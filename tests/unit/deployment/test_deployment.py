"""A stack in an account, by Terraform alone: its state is kept there, and whatever happens to it is told."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stackproof.deployment import StateLocked, StateNotSaved
from stackproof.errors import TerraformError
from stackproof.plan import Action
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.proxy.faults import Fault, Faults, Kind
from stackproof.sandbox.proxy.proxy import Proxy
from stackproof.sandbox.remote_state import TABLE
from stackproof.settings import Environment
from stackproof.terraform.diagnostics import TerraformFailed
from stackproof.terraform.operations import Operations, Progress
from tests.unit.conftest import content
from tests.unit.deployment.conftest import HANGS_SECONDS, KEY, Deployed, Home

if TYPE_CHECKING:
    from stackproof.deployment import Deployment

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

BUCKET = "stackproof-state-123456789012-us-east-1"
SECRET = "correct-horse-battery-staple"


def addresses(deployment: Deployment) -> list[str]:
    return [f"{one['type']}.{one['name']}" for one in deployment.state().get("resources", ())]


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + HANGS_SECONDS
    while not file.exists():
        assert time.monotonic() < deadline, f"{file.name} never came"
        time.sleep(0.02)


def test_a_stack_is_applied_planned_changed_and_destroyed(deployed: Deployed) -> None:
    deployment = deployed()
    assert addresses(deployment) == []
    run = deployment.apply()
    assert [(run.command, one.action, one.address) for one in run.operations] == [
        ("apply", "create", "terraform_data.this")
    ]
    assert run.critical_path == run.operations
    assert run.seconds > 0
    assert dict(deployment.outputs)["size"] == "small"
    plan = deployment.plan({"size": "big"})
    assert plan.changes["terraform_data.this"].action is Action.UPDATE
    assert deployment.plan().count(Action.NO_OP) == len(deployment.plan().changes)
    deployment.apply({"size": "big"})
    assert dict(deployment.outputs)["size"] == "big"
    deployment.destroy()
    assert addresses(deployment) == []
    assert [one.command for one in deployment.runs] == ["apply", "apply", "destroy"]


def test_the_state_lies_in_the_account_and_no_backend_of_the_stack_s_own_is_asked(
    deployed: Deployed, account: EmulatedAccount
) -> None:
    deployed().apply()
    s3 = Clients(account)("s3")
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == [BUCKET]
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == [KEY]
    locks = {item["LockID"]["S"] for item in Clients(account)("dynamodb").scan(TableName=TABLE)["Items"]}
    assert locks == {f"{BUCKET}/{KEY}-md5"}


def test_the_users_folder_stays_as_it_is_and_no_file_is_left(deployed: Deployed, home: Home) -> None:
    folder = home.stack("kept").folder
    before = content(folder)
    with deployed() as deployment:
        deployment.apply({"password": SECRET})
        deployment.destroy()
        assert list(home.temporary.iterdir())
    assert content(folder) == before
    assert list(home.temporary.iterdir()) == []
    assert SECRET.encode() not in b"".join(filter(None, content(home.cache).values()) if home.cache.exists() else [])


def test_variables_that_are_given_win_and_hold_from_there_on(deployed: Deployed, home: Home) -> None:
    file = home.folder / "given.tfvars"
    file.write_text('size = "of the file"\n', encoding="utf-8")
    with_file = Environment("test", var_files=(file,))
    deployment = deployed(environment=with_file)
    assert deployment.plan().output("size") == "of the file"
    settings = Environment("test", var_files=(file,), variables={"size": "of the settings"})
    assert deployment.plan(environment=settings).output("size") == "of the settings"
    deployment.apply({"size": "of the call"}, environment=settings)
    assert deployment.environment is settings
    assert deployment.plan().output("size") == "of the call"
    assert deployment.plan({"size": "once"}).output("size") == "once"
    assert deployment.plan().output("size") == "of the call"


def test_secrets_are_outputs_in_the_clear_and_in_no_plan(deployed: Deployed) -> None:
    deployment = deployed(variables={"password": SECRET})
    deployment.apply()
    assert deployment.outputs["password"] == SECRET
    assert SECRET not in str(deployment.plan({"size": "big"}).document)


def test_targets_alone_are_applied(deployed: Deployed, tmp_path: Path) -> None:
    deployment = deployed(variables={"holds_until": str(tmp_path / "never")})
    run = deployment.apply(targets=["terraform_data.this"])
    assert [one.address for one in run.operations] == ["terraform_data.this"]


def test_progress_is_told_with_the_command(deployed: Deployed) -> None:
    told: list[tuple[str, Progress]] = []
    deployment = deployed(on_progress=lambda command, progress: told.append((command, progress)))
    deployment.apply()
    deployment.destroy()
    assert {(command, progress.done, progress.planned) for command, progress in told} == {
        ("apply", 0, 1),
        ("apply", 1, 1),
        ("destroy", 0, 1),
        ("destroy", 1, 1),
    }


def test_what_terraform_says_against_it_is_told_with_the_users_own_place(deployed: Deployed, home: Home) -> None:
    deployment = deployed()
    with pytest.raises(TerraformFailed, match=r"Invalid value for input variable"):
        deployment.apply({"size": {"not": "a text"}})
    broken = home.stack("kept").folder.with_name("broken")
    broken.mkdir()
    (broken / "main.tf").write_text('output "a" {\n  value = nothing.is.here\n}\n', encoding="utf-8")
    stack = type(home.stack("kept"))("broken", broken, {"test": Environment("test")})
    with deployed(stack=stack) as wrong, pytest.raises(TerraformFailed, match=rf"{broken}/main.tf:2: .*undeclared"):
        wrong.apply()


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """The file for which an apply of the stack waits."""
    return tmp_path / "held"


def test_two_at_once_are_told_of_each_other_and_nothing_is_lost(deployed: Deployed, held: Path) -> None:
    ours, theirs = deployed(variables={"holds_until": str(held)}), deployed()
    with ThreadPoolExecutor(1) as pool:
        applied = pool.submit(ours.apply)
        try:
            wait_for(held.with_name("held.begun"))
            for command in (theirs.apply, theirs.destroy, theirs.plan):
                with pytest.raises(StateLocked, match=rf"s3://{BUCKET}/{KEY}: the state is locked by .+ \(for Apply\)"):
                    command()
        finally:
            held.touch()
        assert len(applied.result().operations) == 2
    theirs.take_over(ours)
    assert theirs.plan().count(Action.CREATE) == 0


def test_a_killed_apply_leaves_its_lock_which_can_be_taken_away(deployed: Deployed, held: Path) -> None:
    deployment = deployed(variables={"holds_until": str(held)})

    def until(operations: Operations) -> bool:
        return "terraform_data.held[0]" in operations.progress.waiting

    assert [one.address for one in deployment.apply(until=until).operations] == ["terraform_data.this"]
    held.touch()
    with pytest.raises(StateLocked) as locked:
        deployment.apply()
    with pytest.raises(TerraformFailed, match="terraform force-unlock failed"):
        deployment.unlock("00000000-0000-0000-0000-000000000000")
    deployment.unlock(locked.value.lock_id)
    assert "terraform_data.held[0]" in [one.address for one in deployment.apply().operations]
    deployment.destroy(until=lambda operations: len(operations.done) > 0)


def test_an_apply_that_is_given_up_writes_down_what_it_has_made(deployed: Deployed, held: Path) -> None:
    deployment = deployed(variables={"holds_until": str(held)})
    with pytest.raises(TerraformError):
        deployment.apply(given_up=lambda operations: "terraform_data.held[0]" in operations.progress.waiting)
    assert "terraform_data.this" in addresses(deployment)
    held.touch()
    deployment.apply()  # no lock is in its way


@pytest.mark.parametrize("after", [0, 1], ids=["never", "only at first"])
def test_a_state_that_could_not_be_saved_is_kept_and_can_be_pushed(
    home: Home, account: EmulatedAccount, after: int
) -> None:
    account.reset()
    refused = Fault(Kind.EXPIRED, "s3", "PutObject", count=None, after=after)
    injected = Faults([refused])
    with Proxy(account) as proxy, home.deployment(proxy) as deployment:
        deployment.apply()
        proxy.interceptors.append(injected)
        if after == 0:
            with pytest.raises(TerraformFailed, match="lock"):
                deployment.apply({"size": "big"})
        else:
            with pytest.raises(StateNotSaved, match=rf"s3://{BUCKET}/{KEY}: .*`terraform state push /") as lost:
                deployment.apply({"size": "big"})
        proxy.interceptors.remove(injected)
        if after:
            kept = lost.value.file
            assert kept.parent == home.cache / "states"
            assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
            deployment.push(kept)
            kept.unlink()
            assert deployment.outputs["size"] == "big"
            assert deployment.plan().count(Action.UPDATE) == 0


def test_a_workspace_of_the_environment_is_used(deployed: Deployed, account: EmulatedAccount) -> None:
    deployment = deployed(environment=Environment("test", workspace="other"))
    deployment.apply()
    keys = [one["Key"] for one in Clients(account)("s3").list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert keys == [f"env:/other/{KEY}"]


def test_what_the_caller_s_environment_says_to_terraform_is_not_heard(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CLI_ARGS", "-nonsense")
    monkeypatch.setenv("TF_CLI_ARGS_apply", "-nonsense")
    monkeypatch.setenv("TF_WORKSPACE", "nonsense")
    monkeypatch.setenv("AWS_PROFILE", "nonsense")
    deployment = deployed()
    deployment.apply()
    assert dict(deployment.outputs)["size"] == "small"
