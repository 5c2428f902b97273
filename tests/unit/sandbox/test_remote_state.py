"""Where the states of runs are kept: private, versioned, locked, and gone when a run is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stackproof.errors import SandboxError
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.proxy.faults import Fault, Faults, Kind
from stackproof.sandbox.proxy.proxy import Proxy
from stackproof.sandbox.remote_state import TABLE, RemoteState
from stackproof.terraform.workspace import OVERRIDE_NAME

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

ID = "123456789012"
KEY = "runs/aaaa/stack/dev.tfstate"
OTHER = "runs/bbbb/stack/dev.tfstate"


@pytest.fixture(scope="module")
def started() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as account:
        yield account


@pytest.fixture
def account(started: EmulatedAccount) -> EmulatedAccount:
    started.reset()
    return started


@pytest.fixture
def clients(account: EmulatedAccount) -> Clients:
    return Clients(account)


@pytest.fixture
def states(account: EmulatedAccount) -> RemoteState:
    made = RemoteState(account, account_id=ID, region="us-east-1")
    made.make()
    return made


def items(clients: Clients) -> set[str]:
    return {item["LockID"]["S"] for item in clients("dynamodb").scan(TableName=TABLE)["Items"]}


def keys(clients: Clients, bucket: str) -> list[str]:
    """The key of every version and marker in a bucket."""
    found = clients("s3").list_object_versions(Bucket=bucket)
    return sorted(one["Key"] for one in [*found.get("Versions", ()), *found.get("DeleteMarkers", ())])


def test_the_bucket_is_one_an_account_and_region(account: EmulatedAccount) -> None:
    assert RemoteState(account, account_id=ID, region="eu-west-1").bucket == f"stackproof-state-{ID}-eu-west-1"


def test_nobody_else_can_read_it_and_what_was_overwritten_can_be_had_again(
    states: RemoteState, clients: Clients
) -> None:
    s3 = clients("s3")
    closed = s3.get_public_access_block(Bucket=states.bucket)["PublicAccessBlockConfiguration"]
    assert closed == dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    assert s3.get_bucket_versioning(Bucket=states.bucket)["Status"] == "Enabled"


def test_locks_are_items_of_a_table_that_costs_by_use(states: RemoteState, clients: Clients) -> None:
    assert states.bucket
    table = clients("dynamodb").describe_table(TableName=TABLE)["Table"]
    assert table["TableStatus"] == "ACTIVE"
    assert table["KeySchema"] == [{"AttributeName": "LockID", "KeyType": "HASH"}]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_it_can_be_made_twice_in_any_region() -> None:
    with EmulatedAccount(region="eu-west-1") as account:
        states = RemoteState(account, account_id=ID, region="eu-west-1")
        states.make()
        states.make()
        where = Clients(account)("s3").get_bucket_location(Bucket=states.bucket)["LocationConstraint"]
    assert where == "eu-west-1"


def test_what_is_in_it_stays_where_it_is_made_again(states: RemoteState, clients: Clients) -> None:
    clients("s3").put_object(Bucket=states.bucket, Key=KEY, Body=b"{}")
    states.make()
    assert keys(clients, states.bucket) == [KEY]


@pytest.mark.parametrize(("service", "action"), [("s3", "CreateBucket"), ("s3", "PutBucketVersioning")])
def test_where_it_cannot_be_made_it_says_so(account: EmulatedAccount, service: str, action: str) -> None:
    denied = Faults([Fault(Kind.EXPIRED, service, action, count=None)])
    with Proxy(account, interceptors=[denied]) as proxy:
        states = RemoteState(proxy, account_id=ID, region="us-east-1")
        with pytest.raises(SandboxError, match=rf"s3://{states.bucket}: there is no place for the state: .*\. Let the"):
            states.make()


def test_a_bucket_of_somebody_elses_is_refused(account: EmulatedAccount) -> None:
    role = "arn:aws:iam::210987654321:role/any"
    given = Clients(account)("sts").assume_role(RoleArn=role, RoleSessionName="any")["Credentials"]
    stranger = account.as_identity(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    states = RemoteState(account, account_id=ID, region="us-east-1")
    Clients(stranger)("s3").create_bucket(Bucket=states.bucket)
    with pytest.raises(SandboxError, match="BucketAlreadyExists"):
        states.make()


def test_a_copy_keeps_its_state_here_whatever_backend_it_names(states: RemoteState, tmp_path: Path) -> None:
    states.configure(tmp_path, KEY)
    text = (tmp_path / OVERRIDE_NAME).read_text(encoding="utf-8")
    assert OVERRIDE_NAME.endswith("override.tf")
    for line in (
        'backend "s3" {',
        f'bucket = "{states.bucket}"',
        f'key = "{KEY}"',
        'region = "us-east-1"',
        f'dynamodb_table = "{TABLE}"',
        "encrypt = true",
        "use_lockfile = true",
    ):
        assert line in text


def test_a_state_is_removed_with_all_that_it_was_and_its_locks(states: RemoteState, clients: Clients) -> None:
    s3, tables = clients("s3"), clients("dynamodb")
    for number in range(3):
        for name in (KEY, f"{KEY}.tflock", OTHER):
            s3.put_object(Bucket=states.bucket, Key=name, Body=str(number).encode())
    s3.delete_object(Bucket=states.bucket, Key=f"{KEY}.tflock")
    for key in (KEY, OTHER):
        for end in ("", "-md5"):
            tables.put_item(TableName=TABLE, Item={"LockID": {"S": f"{states.bucket}/{key}{end}"}})
    states.remove(KEY)
    assert keys(clients, states.bucket) == [OTHER] * 3
    assert items(clients) == {f"{states.bucket}/{OTHER}", f"{states.bucket}/{OTHER}-md5"}


def test_removing_a_state_that_was_never_written_is_quiet(states: RemoteState, clients: Clients) -> None:
    states.remove(KEY)
    assert keys(clients, states.bucket) == []


def test_a_state_whose_name_goes_on_is_another_one(states: RemoteState, clients: Clients) -> None:
    clients("s3").put_object(Bucket=states.bucket, Key=f"{KEY}.other/dev.tfstate", Body=b"{}")
    states.remove(KEY)
    assert keys(clients, states.bucket) == [f"{KEY}.other/dev.tfstate"]


@pytest.mark.parametrize("action", ["ListObjectVersions", "DeleteItem"])
def test_where_it_cannot_be_removed_it_says_so(states: RemoteState, account: EmulatedAccount, action: str) -> None:
    Clients(account)("s3").put_object(Bucket=states.bucket, Key=KEY, Body=b"{}")
    with (
        Proxy(account, interceptors=[Faults([Fault(Kind.EXPIRED, "*", action)])]) as proxy,
        pytest.raises(SandboxError, match=rf"s3://{states.bucket}/{KEY}: the state cannot be removed: .*xpired"),
    ):
        RemoteState(proxy, account_id=ID, region="us-east-1").remove(KEY)
