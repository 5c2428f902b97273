"""A stack tried in an account: what is asked of it is proved, or the proof says what is in its way."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from stackproof.analysis.drift.drift import StackNotSettled
from stackproof.deployment import DriftNotSeen, StateLocked, Trial
from stackproof.deployment.report import Report
from stackproof.deployment.trial import FaultsUnused, UpdateNotContained
from stackproof.errors import SandboxError, TerraformError
from stackproof.plan import Action
from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.api.requests import ApiRequest
from stackproof.sandbox.api.wire import Answer
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.proxy.faults import Fault, Kind
from stackproof.sandbox.remote_state import TABLE
from stackproof.terraform.operations import Operation, Operations
from tests.unit.conftest import content
from tests.unit.deployment.conftest import Home

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
    pytest.mark.usefixtures("aws_package"),
]

BUCKET = "stackproof-state-123456789012-us-east-1"
GROUP, ROLE = "aws_cloudwatch_log_group.this", "aws_iam_role.this"
SECONDS_AT_MOST = 120
"""Where a run has to give up at once: the provider alone would try for many minutes."""


class Holding:
    """An interceptor that keeps calls of one action waiting until it is let go; `met` is set when one has come."""

    def __init__(self, action: str) -> None:
        self.met, self.go = threading.Event(), threading.Event()
        self._action = action

    def before(self, request: ApiRequest, ended: threading.Event) -> Answer | None:
        if request.action == self._action:
            self.met.set()
            while not (self.go.wait(0.05) or ended.is_set()):
                pass
        return None

    def after(self, request: ApiRequest, answer: Answer) -> Answer | None:  # noqa: ARG002  # see Interceptor
        return None


@pytest.fixture(scope="module")
def prepared() -> list[Trial]:
    """The trials before whose first apply somebody was asked."""
    return []


@pytest.fixture(scope="module")
def trial(home: Home, account: EmulatedAccount, prepared: list[Trial]) -> Iterator[Trial]:
    """The stack `life`, applied; each test leaves it as it found it."""
    with home.trial("life", account, before_apply=prepared.append) as trial:
        trial.apply()
        yield trial


def test_a_report_tells_only_what_was_asked() -> None:
    report = Report("life", "dev", resources=12, seconds=75.4, calls=1234)
    assert list(report.lines()) == [("applied", "12 resources in 75 s"), ("API calls", "1,234")]
    assert list(Report("life", "dev", faults=(1, 2)).lines()) == [("faults", "1 of 2 survived")]


def test_a_report_tells_everything_that_was_asked_by_its_name() -> None:
    report = Report("life", "dev", resources=1, idempotent=False, drift=(5, 6), leaks=0, faults=(2, 2))
    report.critical_path = [
        Operation("aws_vpc.this", "create", 0, 10.2),
        Operation("aws_quick.this", "create", 10.2, 11.1),
        Operation("aws_lb.this", "create", 11.1, 71.3),
    ]
    told = dict(report.lines())
    assert list(told) == ["applied", "API calls", "idempotent", "drift", "leaks", "faults", "critical path"]
    assert told["idempotent"] == "NO"
    assert told["drift"] == "5 of 6 seen"
    assert told["leaks"] == "0"
    assert told["critical path"] == "aws_vpc.this 10 s > aws_lb.this 60 s"
    report.idempotent = True
    assert dict(report.lines())["idempotent"] == "yes"


def groups(trial: Trial) -> dict[str, int]:
    return {
        one["logGroupName"]: one["retentionInDays"] for one in trial.client("logs").describe_log_groups()["logGroups"]
    }


def test_what_is_applied_is_there_and_reported(trial: Trial) -> None:
    assert groups(trial) == {"/life/logs": 7}
    assert trial.is_alive
    told = dict(trial.report.lines())
    assert told["applied"].startswith("2 resources in ")
    assert int(told["API calls"].replace(",", "")) == trial.report.calls > 10
    assert trial.recording.counts["logs:CreateLogGroup"] == 1


def test_what_comes_before_the_first_apply_is_asked_once(trial: Trial, prepared: list[Trial]) -> None:
    trial.prepare()
    assert prepared == [trial]


def test_everything_is_marked_as_the_run_s(trial: Trial) -> None:
    tags = {one["Key"]: one["Value"] for one in trial.client("iam").list_role_tags(RoleName="life")["Tags"]}
    assert tags["stackproof_run"] == trial.run.id
    assert tags["stackproof_stack"] == "life/test"


def test_the_users_folder_stays_as_it_is(trial: Trial, home: Home) -> None:
    names = set(content(trial.stack.folder))
    assert names == {"main.tf", ".terraform.lock.hcl"}
    assert home.temporary in (trial.deployment._folder().parent, trial.deployment._folder().parents[1])


def test_what_is_settled_is_idempotent(trial: Trial) -> None:
    plan = trial.require_no_changes()
    assert plan.environment == "test"
    assert trial.report.idempotent is True


def test_drift_is_seen_by_address_and_what_no_plan_sees_is_named(trial: Trial) -> None:
    def shorten(clients: Clients) -> None:
        clients("logs").put_retention_policy(logGroupName="/life/logs", retentionInDays=1)

    with pytest.raises(DriftNotSeen) as missed:
        trial.tamper({GROUP: shorten, ROLE: lambda _: None})
    assert str(missed.value).startswith(
        f"life in test: changed outside Terraform, and no plan says so: {ROLE}. Look whether"
    )
    assert trial.report.drift == (1, 2)
    with pytest.raises(StackNotSettled, match=GROUP):
        trial.require_no_changes()
    assert trial.report.idempotent is False
    seen = trial.tamper({GROUP: shorten})
    assert "retention_in_days" in seen[GROUP].sentence
    assert trial.report.drift == (1, 1)
    trial.client("logs").put_retention_policy(logGroupName="/life/logs", retentionInDays=7)
    # what is counted is not recorded: it was done past the proxy
    assert trial.recording.counts["logs:PutRetentionPolicy"] == 1


def test_an_update_stays_where_it_is_meant_to(trial: Trial) -> None:
    run = trial.update({"retention_days": 14}, updated=[GROUP])
    assert [(one.action, one.address) for one in run.operations] == [("update", GROUP)]
    assert groups(trial) == {"/life/logs": 14}
    with pytest.raises(UpdateNotContained) as error:
        trial.update({"retention_days": 7}, updated=[ROLE], replaced=[GROUP])
    assert str(error.value) == (
        f"life in test: the update did not stay where it was meant to: {GROUP} was updated; "
        f"{ROLE} was not updated; {GROUP} was not replaced"
    )


def test_a_replacement_is_no_update(trial: Trial) -> None:
    with pytest.raises(UpdateNotContained, match=rf"meant to: {GROUP} was not updated; {GROUP} was replaced$"):
        trial.update({"suffix": "others"}, updated=[GROUP])
    run = trial.update({"suffix": "logs"}, replaced=[GROUP])
    assert sorted(one.action for one in run.operations) == ["create", "delete"]
    assert groups(trial) == {"/life/logs": 7}


def test_what_a_plan_would_replace_or_delete_is_named(trial: Trial) -> None:
    assert trial.replacements(trial.plan({"suffix": "others"})) == (GROUP,)
    assert trial.replacements(trial.plan({"retention_days": 30})) == ()


def test_faults_befall_terraform_and_are_over_afterwards(trial: Trial) -> None:
    interceptors = list(trial.proxy.interceptors)
    with trial.faults(Fault(Kind.THROTTLED, "logs", "DescribeLogGroups")) as injected:
        assert trial.plan().count(Action.UPDATE) == 0
    assert [str(one) for one in injected.injected] == ["throttled logs:DescribeLogGroups #1"]
    assert trial.proxy.interceptors == interceptors


def test_faults_that_befell_no_call_prove_nothing(trial: Trial) -> None:
    interceptors = list(trial.proxy.interceptors)
    never = Fault(Kind.THROTTLED, "sqs", "CreateQueue")
    says = r"life in test: never befell a call: throttled sqs:CreateQueue\. Name a"
    with pytest.raises(FaultsUnused, match=says), trial.faults(never):
        pass
    with pytest.raises(ZeroDivisionError), trial.faults(never):
        raise ZeroDivisionError
    assert trial.proxy.interceptors == interceptors


def test_what_was_made_without_the_state_knowing_is_told_from_the_stack_and_removed(trial: Trial) -> None:
    asked = Clients(trial.proxy)
    asked("logs").create_log_group(logGroupName="/life/orphan")
    asked("sqs").create_queue(QueueName="orphan")
    held = [leak.item.arn or leak.item.identity for leak in trial.leaks().leaks]
    for name in (":role/life", ":log-group:/life/logs", ":log-group:/life/orphan"):
        assert [one for one in held if name in one], held
    with pytest.raises(SandboxError, match=r"life in test: made, and not in the state: .*orphan.*orphan.*Import them"):
        trial.require_no_orphans()
    removed = trial.remove_orphans()
    assert sorted(str(leak.item.kind) for leak in removed) == ["logs LogGroup", "sqs Queue"]
    assert groups(trial) == {"/life/logs": 7}
    trial.require_no_orphans()


def test_another_s_run_with_the_same_state_is_told_who_holds_it(trial: Trial) -> None:
    holding = Holding("PutRetentionPolicy")
    trial.proxy.interceptors.insert(0, holding)
    with trial.rival() as rival, ThreadPoolExecutor(1) as pool:
        ours = pool.submit(trial.apply, {"retention_days": 14})
        try:
            assert holding.met.wait(SECONDS_AT_MOST)
            with pytest.raises(StateLocked, match=r"locked by .+@.+ since .+ \(for Apply\).+terraform force-unlock "):
                rival.apply()
        finally:
            holding.go.set()
        ours.result()
        trial.proxy.interceptors.remove(holding)
        trial.update({"retention_days": 7}, updated=[GROUP])
        # it goes on with the variables that ours had then
        assert rival.plan().count(Action.CREATE) == 0


def test_a_killed_apply_is_converged_by_the_next_one(trial: Trial) -> None:
    def made_anew(operations: Operations) -> bool:
        return any(one.action == "delete" for one in operations.done)

    trial.apply({"suffix": "more"}, until=made_anew)
    with pytest.raises(StateLocked) as locked:
        trial.apply()
    trial.deployment.unlock(locked.value.lock_id)
    trial.remove_orphans()
    trial.apply({"suffix": "logs"})
    trial.require_no_changes()
    trial.require_no_orphans()
    assert groups(trial) == {"/life/logs": 7}


def test_what_the_account_does_not_serve_ends_it_at_once_and_is_named(trial: Trial) -> None:
    began = time.monotonic()
    with pytest.raises(SandboxError) as error:
        trial.apply({"has_alias": True})
    assert time.monotonic() - began < SECONDS_AT_MOST
    assert str(error.value) == (
        "aws_gamelift_alias.this[0]: the emulated account does not serve gamelift:CreateAlias. "
        "Leave the resource out of the trial by a variable, or try the stack in a real account."
    )
    trial.apply({"has_alias": False})
    trial.require_no_changes()


def test_credentials_that_expire_end_it_at_once_and_it_goes_on_with_new_ones(trial: Trial) -> None:
    began = time.monotonic()
    with (
        trial.faults(Fault(Kind.EXPIRED, "logs", "PutRetentionPolicy", count=None)),
        pytest.raises(SandboxError, match="life in test: the credentials expired in the middle of it"),
    ):
        trial.apply({"retention_days": 14})
    assert time.monotonic() - began < SECONDS_AT_MOST
    trial.apply({"retention_days": 7})
    trial.require_no_changes()


def test_destroying_removes_state_record_and_locks_and_leaves_nothing_but_what_it_names(
    trial: Trial, home: Home
) -> None:
    s3, run = trial.client("s3"), trial.run
    before = {version["Key"] for version in s3.list_object_versions(Bucket=BUCKET)["Versions"]}
    assert {f"runs/{run.id}.json", run.state_key} <= before
    record = json.loads(s3.get_object(Bucket=BUCKET, Key=f"runs/{run.id}.json")["Body"].read())
    assert (record["id"], record["state_key"]) == (run.id, run.state_key)
    Clients(trial.proxy)("sqs").create_queue(QueueName="left")
    assert [one.action for one in trial.destroy().operations] == ["delete", "delete"]
    assert not trial.is_alive
    left = s3.list_object_versions(Bucket=BUCKET)
    assert [left.get("Versions", []), left.get("DeleteMarkers", [])] == [[], []]
    assert trial.client("dynamodb").scan(TableName=TABLE)["Items"] == []
    with pytest.raises(SandboxError) as leak:
        trial.require_nothing_left()
    assert "left in the account: 1, undecided: 0" in str(leak.value)
    assert "made by sqs:CreateQueue; remove it with: aws sqs delete-queue --queue-url" in str(leak.value)
    assert trial.report.leaks == 1
    trial.remove_orphans()
    trial.require_nothing_left()
    assert trial.report.leaks == 0
    trial.deployment.close()
    assert [name for name in content(home.temporary) if "copy" in name] == []


def test_an_account_that_goes_in_the_middle_ends_it_with_its_reason(home: Home) -> None:
    began = time.monotonic()
    with EmulatedAccount() as account, home.trial("life", account) as trial:
        server = account._process
        assert server is not None

        def kill(call: Call) -> None:
            if call.action == "CreateRole":
                server.kill()

        trial.proxy.observers.append(kill)
        with pytest.raises(SandboxError, match=r"the emulated account was ended by SIGKILL.*what was in it is gone"):
            trial.apply()
    assert time.monotonic() - began < SECONDS_AT_MOST


def test_what_speaks_against_an_account_is_told_before_anything_is_written(
    home: Home, account: EmulatedAccount
) -> None:
    def refuse(*_: Any) -> None:
        raise SandboxError("this is somebody else's")

    account.reset()
    with home.trial("life", account, before_write=refuse) as trial:
        with pytest.raises(SandboxError, match="somebody else's"):
            trial.apply()
        assert not trial.is_alive
        assert trial.client("s3").list_buckets()["Buckets"] == []
        assert trial.client("dynamodb").list_tables()["TableNames"] == []
        assert list(trial.recording.calls) == []


def test_an_error_of_the_stack_s_own_is_terraform_s(home: Home, account: EmulatedAccount) -> None:
    account.reset()
    Clients(account)("iam").create_role(RoleName="life", AssumeRolePolicyDocument=json.dumps({"Statement": []}))
    with home.trial("life", account) as trial:
        with pytest.raises(TerraformError, match=r"life/main.tf:\d+: .*EntityAlreadyExists"):
            trial.apply()
        # what was there before is none of the run's
        assert trial.orphans() == ()
        trial.destroy()
        trial.require_nothing_left()
