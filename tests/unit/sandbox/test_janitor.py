"""What expired runs left is found by tag, state, record and lock, and removed only where that is asked for."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stackproof.errors import SandboxError, TerraformError
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.janitor import Cleaned, Found, Janitor, Kind, Leftover
from stackproof.sandbox.remote_state import TABLE, RemoteState
from stackproof.sandbox.runs import Records, SandboxRun
from stackproof.settings import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

ID = "123456789012"
REGION = "us-east-1"
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
SANDBOX = Sandbox(expires_hours=4)
OLD = SandboxRun("oldrun22", "shop", "dev", NOW - timedelta(hours=9), NOW - timedelta(hours=5))
YOUNG = SandboxRun("newrun33", "shop", "prod", NOW - timedelta(hours=1), NOW + timedelta(hours=3))
SECRET = "never-to-be-seen"


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as started:
        yield started


@pytest.fixture
def account(server: EmulatedAccount) -> EmulatedAccount:
    server.reset()
    return server


@pytest.fixture
def states(account: EmulatedAccount) -> RemoteState:
    made = RemoteState(account, account_id=ID, region=REGION)
    made.make()
    return made


@functools.cache
def clients(account: EmulatedAccount) -> Clients:
    return Clients(account)


def janitor(account: EmulatedAccount, **options: Any) -> Janitor:
    given: dict[str, Any] = {"now": NOW, "patience": 0.0} | options
    return Janitor(account, SANDBOX, **given)


def pairs(run: SandboxRun) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in run.tags.items()]


def queue(account: EmulatedAccount, name: str, run: SandboxRun | None) -> str:
    tags = dict(run.tags) if run else {}
    clients(account)("sqs").create_queue(QueueName=name, tags=tags)
    return f"arn:aws:sqs:{REGION}:{ID}:{name}"


def queues(account: EmulatedAccount) -> list[str]:
    urls = clients(account)("sqs").list_queues().get("QueueUrls", [])
    return sorted(url.rsplit("/", 1)[-1] for url in urls)


def names(leftovers: tuple[Leftover, ...]) -> set[str]:
    return {leftover.name for leftover in leftovers}


def put_state(account: EmulatedAccount, states: RemoteState, run: SandboxRun, *resources: dict[str, str]) -> None:
    entries = [
        {
            "mode": "managed",
            "module": "module.inner",
            "type": "aws_sqs_queue",
            "name": "jobs",
            "instances": [{"index_key": number, "attributes": {**attributes, "token": SECRET}}],
        }
        for number, attributes in enumerate(resources)
    ]
    body = json.dumps({"version": 4, "resources": entries}).encode()
    clients(account)("s3").put_object(Bucket=states.bucket, Key=run.state_key, Body=body)


def put_lock(account: EmulatedAccount, states: RemoteState, run: SandboxRun, since: datetime) -> str:
    lock = f"{states.bucket}/{run.state_key}"
    info = {"ID": "1-2", "Operation": "OperationTypeApply", "Who": "me@here", "Created": since.isoformat()}
    items = ({"LockID": {"S": lock}, "Info": {"S": json.dumps(info)}}, {"LockID": {"S": f"{lock}-md5"}})
    for item in items:
        clients(account)("dynamodb").put_item(TableName=TABLE, Item=item)
    return lock


def no_destroy(run: SandboxRun) -> None:
    raise AssertionError(run)


def clean(janitor: Janitor, destroy: Callable[[SandboxRun], None] = no_destroy) -> Cleaned:
    return janitor.clean(janitor.look(), destroy)


def test_an_account_without_anything_is_clean(account: EmulatedAccount) -> None:
    assert janitor(account).look() == Found((), (), ())


def test_what_an_expired_run_tagged_is_found_and_the_rest_is_not(account: EmulatedAccount) -> None:
    left = queue(account, "left", OLD)
    living = queue(account, "living", YOUNG)
    queue(account, "somebodys", None)
    found = janitor(account).look()
    assert names(found.expired) == {left}
    assert names(found.living) == {living}
    (leftover,) = found.expired
    assert (leftover.kind, leftover.run, leftover.expires) == (Kind.RESOURCE, OLD.id, OLD.expires)
    assert (leftover.found, leftover.detail) == ("tag", "shop/dev")


def test_looking_removes_nothing_and_cleaning_only_what_is_expired(account: EmulatedAccount) -> None:
    for name, run in (("left", OLD), ("living", YOUNG), ("somebodys", None)):
        queue(account, name, run)
    janitor(account).look()
    assert queues(account) == ["left", "living", "somebodys"]
    cleaned = clean(janitor(account))
    assert queues(account) == ["living", "somebodys"]
    assert len(cleaned.removed) == 1
    assert cleaned.left == ()


def test_a_run_whose_expiry_cannot_be_read_is_never_removed(account: EmulatedAccount) -> None:
    sqs = clients(account)("sqs")
    sqs.create_queue(QueueName="odd", tags={"stackproof_run": "odd", "stackproof_expires": "tomorrow"})
    sqs.create_queue(QueueName="half", tags={"stackproof_run": "half"})
    found = janitor(account).look()
    assert found.expired == ()
    assert {leftover.run for leftover in found.living} == {"odd", "half"}
    assert clean(janitor(account)) == Cleaned((), ())


@pytest.mark.parametrize("pattern", ["kept", "arn:aws:sqs:*:kept", "k?pt"])
def test_what_is_excluded_is_told_apart_and_stays(account: EmulatedAccount, pattern: str) -> None:
    kept, left = queue(account, "kept", OLD), queue(account, "left", OLD)
    found = janitor(account, exclude=[pattern]).look()
    assert (names(found.excluded), names(found.expired)) == ({kept}, {left})
    clean(janitor(account, exclude=[pattern]))
    assert queues(account) == ["kept"]


def test_a_whole_run_can_be_excluded_or_asked_for(account: EmulatedAccount) -> None:
    other = SandboxRun("other444", "shop", "dev", OLD.began, OLD.expires)
    queue(account, "left", OLD)
    queue(account, "other", other)
    assert {leftover.run for leftover in janitor(account, exclude=["old*"]).look().expired} == {"other444"}
    clean(janitor(account, only="other444"))
    assert queues(account) == ["left"]


def test_one_sign_of_life_keeps_a_whole_run(account: EmulatedAccount, states: RemoteState) -> None:
    queue(account, "left", OLD)
    put_lock(account, states, OLD, NOW - timedelta(hours=1))
    found = janitor(account).look()
    assert found.expired == ()
    assert {leftover.kind for leftover in found.living} == {Kind.RESOURCE, Kind.LOCK}
    clean(janitor(account))
    assert queues(account) == ["left"]


def test_a_state_that_was_written_just_now_keeps_no_run_that_says_itself_when_it_expires(
    account: EmulatedAccount, states: RemoteState
) -> None:
    put_state(account, states, past(OLD))
    alone = Janitor(account, SANDBOX).look()
    assert [leftover.kind for leftover in alone.living] == [Kind.STATE]
    Records(account, states.bucket).write(past(OLD))
    told = Janitor(account, SANDBOX).look()
    assert {leftover.kind for leftover in told.expired} == {Kind.STATE, Kind.RECORD}


def later(account: EmulatedAccount, **options: Any) -> Janitor:
    """A janitor who comes when what was written now is expired, too."""
    return janitor(account, now=datetime.now(UTC) + timedelta(hours=5), **options)


def past(run: SandboxRun) -> SandboxRun:
    return SandboxRun(
        run.id, run.stack, run.environment, datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=UTC)
    )


def test_a_run_is_destroyed_by_its_state_and_then_all_of_it_is_removed(
    account: EmulatedAccount, states: RemoteState
) -> None:
    old = past(OLD)
    Records(account, states.bucket).write(old)
    put_state(account, states, old, {"arn": queue(account, "jobs", old)}, {"id": "untagged"})
    put_lock(account, states, old, old.began)
    clients(account)("s3").put_object(Bucket=states.bucket, Key=f"{old.state_key}.tflock", Body=b"{}")
    found = later(account).look()
    assert {leftover.kind for leftover in found.expired} == {Kind.RESOURCE, Kind.LOCK, Kind.STATE, Kind.RECORD}
    assert "2 resources in it" in {leftover.detail for leftover in found.expired}
    assert SECRET not in repr(found)
    destroyed: list[SandboxRun] = []

    def destroy(run: SandboxRun) -> None:
        items = clients(account)("dynamodb").scan(TableName=TABLE)["Items"]
        assert not [item for item in items if "Info" in item], "a lock would have kept Terraform from destroying"
        destroyed.append(run)
        clients(account)("sqs").delete_queue(QueueUrl=f"{account.endpoint}/{ID}/jobs")

    cleaned = clean(later(account), destroy)
    assert [(run.id, run.stack, run.environment) for run in destroyed] == [(old.id, "shop", "dev")]
    assert cleaned.left == ()
    assert later(account).look() == Found((), (), ())
    assert "Versions" not in clients(account)("s3").list_object_versions(Bucket=states.bucket)
    assert clients(account)("dynamodb").scan(TableName=TABLE)["Items"] == []


def test_where_the_destroy_fails_tagged_things_go_and_the_state_stays_with_the_reason(
    account: EmulatedAccount, states: RemoteState
) -> None:
    old = past(OLD)
    Records(account, states.bucket).write(old)
    put_state(account, states, old, {"arn": queue(account, "jobs", old)})

    def destroy(run: SandboxRun) -> None:
        raise TerraformError("the stack has no environment any more", where=run.stack)

    cleaned = clean(later(account), destroy)
    assert queues(account) == []
    assert {leftover.kind for leftover, _, _ in cleaned.left} == {Kind.STATE, Kind.RECORD}
    state = next(entry for entry in cleaned.left if entry[0].kind is Kind.STATE)
    assert "no environment any more" in state[1]
    assert "terraform destroy" in state[2]
    assert old.state_key in state[2]


def test_a_state_is_not_destroyed_where_something_in_it_is_excluded(
    account: EmulatedAccount, states: RemoteState
) -> None:
    old = past(OLD)
    put_state(account, states, old, {"arn": queue(account, "jobs", old)}, {"name": "precious"})
    queue(account, "more", old)
    cleaned = clean(later(account, exclude=["precious"]))
    assert queues(account) == []
    assert {leftover.kind for leftover in cleaned.removed} == {Kind.RESOURCE}
    found = later(account, exclude=["module.inner.aws_sqs_queue.jobs*"]).look()
    assert [leftover.kind for leftover in found.excluded] == [Kind.STATE]


def test_where_a_tagged_resource_is_excluded_its_run_s_state_is_not_destroyed(
    account: EmulatedAccount, states: RemoteState
) -> None:
    old = past(OLD)
    put_state(account, states, old, {"arn": queue(account, "kept", old)})
    queue(account, "left", old)
    cleaned = clean(later(account, exclude=["kept"]))
    assert queues(account) == ["kept"]
    assert cleaned.left == ()
    found = later(account, exclude=["kept"]).look()
    assert {leftover.kind for leftover in found.excluded} == {Kind.RESOURCE, Kind.STATE}


def test_an_empty_state_is_removed_without_a_destroy(account: EmulatedAccount, states: RemoteState) -> None:
    put_state(account, states, past(OLD))
    assert {leftover.detail for leftover in later(account).look().expired} == {"nothing in it"}
    assert clean(later(account)).left == ()
    assert later(account).look().expired == ()


def test_a_state_that_cannot_be_read_is_left_to_terraform(account: EmulatedAccount, states: RemoteState) -> None:
    clients(account)("s3").put_object(Bucket=states.bucket, Key=OLD.state_key, Body=b"\x00garbage")
    asked: list[str] = []
    clean(later(account), lambda run: asked.append(run.id))
    assert asked == [OLD.id]


def test_states_and_locks_of_others_are_none_of_its_business(account: EmulatedAccount, states: RemoteState) -> None:
    s3, tables = clients(account)("s3"), clients(account)("dynamodb")
    s3.put_object(Bucket=states.bucket, Key="shop/prod.tfstate", Body=b"{}")
    info = json.dumps({"Who": "x", "Created": "2020-01-01T00:00:00Z"})
    for lock in (f"{states.bucket}/shop/prod.tfstate", f"other/{OLD.state_key}"):
        tables.put_item(TableName=TABLE, Item={"LockID": {"S": lock}, "Info": {"S": info}})
    assert later(account).look() == Found((), (), ())


def test_a_record_that_is_none_is_shown_and_stays(account: EmulatedAccount, states: RemoteState) -> None:
    clients(account)("s3").put_object(Bucket=states.bucket, Key="runs/odd.json", Body=b"[]")
    found = later(account).look()
    assert found.expired == ()
    assert [leftover.detail for leftover in found.living] == ["is not the record of a run"]


def test_a_lock_whose_age_cannot_be_told_keeps_its_run(account: EmulatedAccount, states: RemoteState) -> None:
    for info in ("{}", "no json", "[]", json.dumps({"Created": "long ago"})):
        item = {"LockID": {"S": f"{states.bucket}/{OLD.state_key}"}, "Info": {"S": info}}
        clients(account)("dynamodb").put_item(TableName=TABLE, Item=item)
        assert later(account).look().expired == ()


def test_kept_states_of_expired_runs_go_with_the_rest_of_them(account: EmulatedAccount, tmp_path: Path) -> None:
    (tmp_path / "states").mkdir()
    file = tmp_path / "states" / f"{OLD.state_key.replace('/', '.')}.20200101T000000"
    file.write_text(SECRET)
    own = tmp_path / "states" / "shop.dev.tfstate.20200101T000000"
    own.write_text("{}")
    found = later(account, cache=tmp_path).look()
    assert names(found.expired) == {str(file)}
    assert clean(later(account, cache=tmp_path)).left == ()
    assert not file.exists()
    assert own.exists()


def test_a_kept_state_stays_while_something_of_its_run_does(account: EmulatedAccount, tmp_path: Path) -> None:
    (tmp_path / "states").mkdir()
    file = tmp_path / "states" / f"{OLD.state_key.replace('/', '.')}.20200101T000000"
    file.write_text(SECRET)
    queue(account, "kept", past(OLD))
    clean(later(account, cache=tmp_path, exclude=["kept"]))
    assert file.exists()


def test_what_refuses_the_account_is_asked_before_the_first_removal(
    account: EmulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(account, "left", OLD)

    def refuse() -> None:
        raise SandboxError("another account")

    guarded = janitor(account)
    found = guarded.look()
    monkeypatch.setattr(account, "check", refuse)
    with pytest.raises(SandboxError, match="another account"):
        guarded.clean(found, no_destroy)
    assert queues(account) == ["left"]


def test_what_nobody_knows_how_to_delete_is_told_with_where_to_look(account: EmulatedAccount) -> None:
    made = clients(account)("stepfunctions").create_activity(
        name="odd", tags=[{"key": key, "value": value} for key, value in OLD.tags.items()]
    )
    found = janitor(account).look()
    if not found.expired:
        leftover = Leftover(Kind.RESOURCE, made["activityArn"], OLD.id, OLD.expires, "tag")
        found = Found((leftover,), (), ())
    cleaned = janitor(account).clean(found, no_destroy)
    assert [(why, hint) for _, why, hint in cleaned.left] == [("no way to delete it is known here", "aws states help")]


def test_what_somebody_still_uses_is_told_with_the_command_that_deletes_it(account: EmulatedAccount) -> None:
    ec2, elb = clients(account)("ec2"), clients(account)("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = elb.create_target_group(Name="left", Protocol="HTTP", Port=80, VpcId=vpc, Tags=pairs(OLD))
    target = group["TargetGroups"][0]["TargetGroupArn"]
    balancer = elb.create_load_balancer(Name="somebodys", Subnets=[subnet])["LoadBalancers"][0]["LoadBalancerArn"]
    forward = [{"Type": "forward", "TargetGroupArn": target}]
    elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    cleaned = clean(janitor(account))
    assert cleaned.removed == ()
    assert [(why, hint) for _, why, hint in cleaned.left] == [
        ("ResourceInUse", f"aws elbv2 delete-target-group --target-group-arn {target} --region {REGION}")
    ]


def test_an_account_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    account = EmulatedAccount()
    account.start()
    account.stop()
    with pytest.raises(SandboxError, match="cannot be asked for what runs left"):
        janitor(account).look()
