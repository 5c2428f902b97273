"""What an account held is counted right before the first call that makes something of its kind, and only then."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.leaks import find_leaks
from stackproof.sandbox.leaks.counted import CountedBefore
from stackproof.sandbox.proxy.faults import Fault, Faults, Kind
from stackproof.sandbox.proxy.proxy import Proxy
from stackproof.sandbox.proxy.recording import Recording

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


class Watched:
    """An account behind a proxy that counts, and a look at all that is asked of it, the census included."""

    def __init__(self, account: EmulatedAccount) -> None:
        self.asked: Counter[str] = Counter()
        self.order: list[str] = []
        self._lock = threading.Lock()
        self.behind = Proxy(account, observers=[self._note])
        self.recording = Recording()

    def _note(self, call: Call) -> None:
        with self._lock:
            self.asked[str(call)] += 1
            self.order.append(str(call))

    def __enter__(self) -> Watched:
        self.behind.start()
        self.counted = CountedBefore(self.behind)
        self.proxy = Proxy(self.behind, interceptors=[self.counted], observers=[self.recording])
        self.proxy.start()
        self.clients = Clients(self.proxy)
        return self

    def __exit__(self, *_: object) -> None:
        self.proxy.stop()
        self.behind.stop()


@pytest.fixture
def watched(account: EmulatedAccount) -> Iterator[Watched]:
    with Watched(account) as watched:
        yield watched


def test_whatever_only_looks_has_nothing_counted(watched: Watched) -> None:
    watched.clients("sqs").list_queues()
    watched.clients("iam").list_roles()
    assert watched.counted.census.kinds == frozenset()
    assert watched.asked == {"sqs:ListQueues": 1, "iam:ListRoles": 1}


def test_a_kind_is_counted_before_the_first_call_that_makes_it(watched: Watched) -> None:
    watched.clients("sqs").create_queue(QueueName="first")
    assert watched.order == ["sqs:ListQueues", "sqs:CreateQueue"]
    assert {str(kind) for kind in watched.counted.census.kinds} == {"sqs Queue"}
    assert watched.counted.census.items == {}


def test_a_kind_is_counted_once(watched: Watched) -> None:
    for name in ("first", "second", "third"):
        watched.clients("sqs").create_queue(QueueName=name)
    watched.clients("sns").create_topic(Name="other")
    assert watched.asked["sqs:ListQueues"] == 1
    assert watched.asked["sns:ListTopics"] == 1
    assert watched.order.index("sns:ListTopics") > watched.order.index("sqs:CreateQueue")


def test_many_at_once_wait_until_their_kind_is_counted_once(watched: Watched) -> None:
    sqs = watched.clients("sqs")
    barrier = threading.Barrier(12)

    def make(number: int) -> None:
        barrier.wait()
        sqs.create_queue(QueueName=f"queue-{number}")

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(make, range(12)))
    assert watched.asked == {"sqs:ListQueues": 1, "sqs:CreateQueue": 12}
    assert watched.order[0] == "sqs:ListQueues"
    # made by others at the same time, and yet not taken for what was there before
    assert len(find_leaks(watched.behind, watched.counted.census, watched.recording).leaks) == 12


def test_what_was_there_before_is_no_leak_and_what_was_made_is(account: EmulatedAccount, watched: Watched) -> None:
    Clients(account)("sqs").create_queue(QueueName="before")
    watched.clients("sqs").create_queue(QueueName="made")
    found = find_leaks(watched.behind, watched.counted.census, watched.recording)
    assert [leak.item.identity.rsplit("/")[-1] for leak in found.leaks] == ["made"]
    assert found.undecided == ()


def test_the_census_itself_is_not_recorded(watched: Watched) -> None:
    watched.clients("sqs").create_queue(QueueName="made")
    assert watched.recording.counts == {"sqs:CreateQueue": 1}


def test_a_listing_that_fails_leaves_its_kind_undecided_and_hinders_nobody(account: EmulatedAccount) -> None:
    refusing = Faults([Fault(Kind.EXPIRED, "sqs", "ListQueues")])
    recording = Recording()
    with Proxy(account, interceptors=[refusing]) as behind:
        counted = CountedBefore(behind)
        with Proxy(behind, interceptors=[counted], observers=[recording]) as proxy:
            Clients(proxy)("sqs").create_queue(QueueName="made")
            assert proxy.trouble is None
        assert [str(kind) for kind in counted.census.failed] == ["sqs Queue"]
        Clients(account)("sqs").create_queue(QueueName="somebody-else-s")
        found = find_leaks(account, counted.census, recording)
    assert [leak.item.identity.rsplit("/")[-1] for leak in found.leaks] == ["made"]
    assert found.undecided == ("sqs Queue: 1 were there that no recorded call made, and nobody counted them before",)


def test_what_is_within_another_thing_is_counted_within_that(watched: Watched) -> None:
    iam = watched.clients("iam")
    for name in ("one", "two"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}')
        for policy in ("a", "b"):
            iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=POLICY)
    kinds = {str(kind) for kind in watched.counted.census.kinds}
    assert {"iam RolePolicy of RoleName one", "iam RolePolicy of RoleName two"} <= kinds
    assert watched.asked["iam:ListRolePolicies"] == 2
