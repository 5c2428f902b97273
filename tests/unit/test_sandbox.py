"""The account that plans see: an emulated one of the run's own, or, when asked, the caller's."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest

from stackproof.errors import SandboxError
from stackproof.plan import Action, Plan
from stackproof.planner import Planner
from stackproof.sandbox.account import AmbientAccount, NoAccount
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.settings import Environment, Settings, Stack
from stackproof.terraform.configuration import write_cli_configuration
from stackproof.terraform.locate import Cli

if TYPE_CHECKING:
    from tests.unit.conftest import AwsPlans, Traces

HANGS_SECONDS = 120
STACKS = Path(__file__).with_name("stacks")

# the botocore that checkov asks for is older than the warning
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def client(service: str, account: EmulatedAccount) -> Any:
    environment = account.environment()
    return boto3.client(
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def topics(account: EmulatedAccount) -> list[str]:
    return [topic["TopicArn"] for topic in client("sns", account).list_topics()["Topics"]]


def test_what_is_made_in_an_account_is_there() -> None:
    with EmulatedAccount() as account:
        made = client("sns", account).create_topic(Name="made")["TopicArn"]
        assert topics(account) == [made]
        assert "sns" in account.data()


def test_a_caller_may_ask_before_the_server_is_up() -> None:
    with EmulatedAccount() as account:
        connection = http.client.HTTPConnection("127.0.0.1", account.port, timeout=HANGS_SECONDS)
        connection.request("GET", "/moto-api/data.json")
        assert connection.getresponse().status == 200
        connection.close()


def test_a_profile_of_the_caller_s_does_not_reach_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("AWS_PROFILE", "own")
        account = EmulatedAccount()
        account.start()
    try:
        assert topics(account) == []
    finally:
        account.stop()


def test_a_reset_forgets_what_was_made() -> None:
    with EmulatedAccount() as account:
        client("sns", account).create_topic(Name="made")
        account.reset()
        assert topics(account) == []


def test_two_accounts_at_once_do_not_meet() -> None:
    with EmulatedAccount() as one, EmulatedAccount() as other:
        client("sns", one).create_topic(Name="made")
        assert topics(other) == []
        assert one.port != other.port


def test_accounts_have_the_numbers_that_were_asked_for() -> None:
    numbers = ("111111111111", "222222222222")
    with contextlib.ExitStack() as opened:
        accounts = [opened.enter_context(EmulatedAccount(account_id=number)) for number in numbers]
        assert [account.account_id for account in accounts] == list(numbers)
        for account, number in zip(accounts, numbers, strict=True):
            assert client("sts", account).get_caller_identity()["Account"] == number
            assert f":{number}:" in client("sns", account).create_topic(Name="made")["TopicArn"]
            assert account.data()["sns"]["topics"] == {f"arn:aws:sns:us-east-1:{number}:made": ""}


def test_an_account_takes_its_number_from_where_moto_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "333333333333")
    assert EmulatedAccount().account_id == "333333333333"
    with EmulatedAccount(account_id="123456789012") as account:
        assert client("sts", account).get_caller_identity()["Account"] == "123456789012"


@pytest.mark.parametrize("number", ["12345678901", "1234567890123", "12345678901x"])
def test_what_is_no_number_of_an_account_is_refused(number: str) -> None:
    with pytest.raises(SandboxError, match=f"'{number}' is not the number of an account. Give twelve digits"):
        EmulatedAccount(account_id=number)


def test_a_region_is_the_account_s_own() -> None:
    with EmulatedAccount(region="eu-central-1") as account:
        assert ":eu-central-1:" in client("sns", account).create_topic(Name="made")["TopicArn"]


def test_a_taken_port_is_refused_with_a_remedy(traces: Traces) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SandboxError) as caught:
            EmulatedAccount(port=port).start()
    assert str(caught.value) == (
        f"[tool.stackproof.sandbox] port: port {port} cannot be used: Address already in use. "
        "Leave it out, and a free port is taken."
    )
    assert traces.left() == []


def test_a_given_port_is_taken_twice_in_a_row() -> None:
    with EmulatedAccount() as account:
        port = account.port
        account.check()
    with EmulatedAccount(port=port) as account:
        account.check()
        assert account.port == port


def test_an_account_ends_with_its_block(traces: Traces) -> None:
    with EmulatedAccount() as account:
        account.check()
        assert any("stackproof.sandbox.emulated.emulator" in words for words in traces.processes())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", account.port))
    assert traces.left() == []


def test_an_account_ends_with_a_killed_owner(traces: Traces) -> None:
    program = """
        import time
        from stackproof.sandbox.emulated.account import EmulatedAccount

        with EmulatedAccount() as account:
            account.check()
            print(account.port, flush=True)
            time.sleep(600)
    """
    owner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert int(owner.stdout.readline())
    assert any("stackproof.sandbox.emulated.emulator" in words for words in traces.processes())
    owner.send_signal(signal.SIGKILL)
    owner.communicate(timeout=HANGS_SECONDS)
    assert traces.left() == []


def test_an_account_that_ended_says_so() -> None:
    with EmulatedAccount() as account:
        account.check()
        assert account._process is not None
        account.require_running()
        account._process.kill()
        account._process.wait()
        expected = r"the emulated account was ended by SIGKILL; what was in it is gone. Run it again"
        for asked in (account.require_running, account.check, account.data, account.reset, account.enforce_iam):
            with pytest.raises(SandboxError, match=expected):
                asked()


def test_an_account_that_ended_says_its_last_words() -> None:
    with EmulatedAccount() as account:
        account.check()
        assert account._process is not None
        assert account.last_words() == ""
        with pytest.raises(Exception, match="500"):
            client("codedeploy", account).list_deployment_configs()
        # what went wrong in it is known while it runs, and no less when it has ended
        said = account.last_words()
        assert said == "NotImplementedError: The list_deployment_configs action has not been implemented"
        account._process.terminate()
        account._process.wait()
        with pytest.raises(SandboxError) as caught:
            account.require_running()
        assert f"was ended by SIGTERM, saying {said!r}" in caught.value.what


def test_an_account_without_moto_says_how_to_mend_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "moto.py").write_text("raise ImportError('there is no moto')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with (
        EmulatedAccount() as account,
        pytest.raises(SandboxError, match=r"ended with exit code 1, saying 'ImportError: there is no moto'.*pip i"),
    ):
        account.check()


def test_an_account_that_was_not_started_says_so() -> None:
    account = EmulatedAccount()
    for asked in (account.require_running, account.check):
        with pytest.raises(SandboxError, match="the emulated account is not started"):
            asked()
    assert account.last_words() == ""


def test_the_ambient_account_is_the_caller_s_without_its_ca_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "own")
    monkeypatch.setenv("AWS_CA_BUNDLE", "own")
    monkeypatch.setenv("HOME", "/home/own")
    environment = AmbientAccount().environment()
    assert environment["AWS_PROFILE"] == "own"
    assert environment["HOME"] == "/home/own"
    assert "AWS_CA_BUNDLE" not in environment


def test_no_account_is_nothing() -> None:
    assert not NoAccount().environment()


def test_nothing_of_the_caller_s_aws_identity_reaches_a_plan(aws_plans: AwsPlans) -> None:
    plan = aws_plans.plans["prod"]
    assert plan.output("caller") == "arn:aws:sts::123456789012:user/moto"
    assert plan["aws_ssm_parameter.this"]["insecure_value"] == "123456789012"


@dataclass(frozen=True)
class Held:
    """What an account holds: every version of every object, every deletion, and the parameter with its version."""

    objects: Mapping[str, tuple[str, str]]
    deletions: Sequence[str]
    parameter: tuple[str, int]


@dataclass(frozen=True)
class Deployed:
    """A stack that was applied to an account, planned again with a change, and what the account held around that."""

    plan: Plan
    before: Held
    after: Held


@pytest.fixture(scope="module")
def account() -> Iterator[EmulatedAccount]:
    """An account that stands for the caller's own."""
    with EmulatedAccount() as account:
        account.check()
        yield account


@pytest.fixture(scope="module")
def deployed(
    account: EmulatedAccount, any_cli: Cli, aws_mirror: Path, tmp_path_factory: pytest.TempPathFactory
) -> Deployed:
    """The stack `deployed` in an account, its state in a bucket and locked by somebody else."""
    home = tmp_path_factory.mktemp("deployed")
    folder = Path(shutil.copytree(STACKS / "deployed", home / "deployed"))
    backend = folder / "live.s3.tfbackend"
    s3 = client("s3", account)
    s3.create_bucket(Bucket="deployed-state")
    s3.put_bucket_versioning(Bucket="deployed-state", VersioningConfiguration={"Status": "Enabled"})
    write_cli_configuration(home / "terraform.rc", [aws_mirror], registry=False)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TF_CLI_CONFIG_FILE": str(home / "terraform.rc"),
        "TF_DATA_DIR": str(home / "data"),
        "CHECKPOINT_DISABLE": "1",
        **account.environment(),
    }
    for words in (
        ["init", "-input=false", f"-backend-config={backend}"],
        ["apply", "-input=false", "-auto-approve", "-var=text=before"],
    ):
        subprocess.run(
            [*any_cli.argv, *words], cwd=folder, env=environment, check=True, capture_output=True, timeout=HANGS_SECONDS
        )
    s3.put_object(Bucket="deployed-state", Key="live.tfstate.tflock", Body=b'{"ID": "somebody", "Who": "else"}')
    live = Environment("live", backend_config=(backend,), variables={"text": "after"})
    settings = Settings(home / "pyproject.toml", {"deployed": Stack("deployed", folder, {"live": live})}, cache=home)
    before = _held(account)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in account.environment().items():
            patch.setenv(name, value)
        with Planner(settings, settings.stack("deployed"), kind="ambient") as planner:
            plan = planner.plan("live")
    return Deployed(plan, before, _held(account))


def _held(account: EmulatedAccount) -> Held:
    versions = client("s3", account).list_object_versions(Bucket="deployed-state")
    parameter = client("ssm", account).get_parameter(Name="/deployed")["Parameter"]
    return Held(
        objects={entry["VersionId"]: (entry["Key"], entry["ETag"]) for entry in versions["Versions"]},
        deletions=[entry["VersionId"] for entry in versions.get("DeleteMarkers", ())],
        parameter=(parameter["Value"], parameter["Version"]),
    )


def test_ambient_plans_against_what_is_deployed(deployed: Deployed) -> None:
    parameter = deployed.plan["aws_ssm_parameter.this"]
    assert parameter.change.action is Action.UPDATE
    assert parameter.before("insecure_value") == "before"
    assert parameter["insecure_value"] == "after"


def test_ambient_takes_no_lock_and_writes_nothing(deployed: Deployed) -> None:
    assert deployed.before.parameter == ("before", 1)
    assert {"live.tfstate", "live.tfstate.tflock"} == {key for key, _ in deployed.before.objects.values()}
    assert deployed.after == deployed.before


def test_the_emulated_account_knows_nothing_of_what_is_deployed(
    account: EmulatedAccount,
    deployed: Deployed,
    stack_of: Callable[[str], Path],
    settings_for: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert deployed.plan
    for name, value in account.environment().items():
        monkeypatch.setenv(name, value)
    settings = settings_for(stack_of("deployed"), {"live": Environment("live", variables={"text": "after"})})
    with Planner(settings, settings.stack("tiny")) as planner:
        assert planner.plan("live")["aws_ssm_parameter.this"].change.action is Action.CREATE
