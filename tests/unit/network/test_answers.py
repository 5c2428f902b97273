"""What a test can ask of an answer, and what it hears where something is not decided."""

from __future__ import annotations

import json

import pytest

from stackproof.analysis.network import (
    ANY,
    Claim,
    Doubt,
    Hop,
    Kind,
    Network,
    Path,
    Paths,
    Traffic,
    icmp,
    tcp,
)
from stackproof.analysis.network.answers.findings import Exposure
from stackproof.errors import PlanError
from stackproof.verdict import Undecided, Verdict

from .conftest import Service
from .sketch import PLANNED

UNSURE = (Doubt("aws_security_group.a", "ingress", "known after apply"),)


def path(traffic: Traffic, target: str = "b", *, doubts: tuple[Doubt, ...] = (), through: str = "lb") -> Path:
    return Path(traffic, (Hop("balancer", through),), doubts, source="a", target=target, arrives=traffic)


CERTAIN = Paths([path(tcp(80)), path(tcp(443))])
NOTHING = Paths(())
UNDECIDED = Paths((), [path(tcp(22), doubts=UNSURE)])
MIXED = Paths([path(tcp(80))], [path(tcp(22), doubts=UNSURE)])


def test_truth_is_that_there_is_some() -> None:
    assert CERTAIN
    assert MIXED
    assert not NOTHING
    with pytest.raises(Undecided, match=r"aws_security_group\.a: ingress"):
        bool(UNDECIDED)


def test_a_loop_gives_what_is_certain_before_it_raises() -> None:
    assert [str(each.traffic) for each in CERTAIN] == ["tcp 80", "tcp 443"]
    loop = iter(MIXED)
    assert next(loop).traffic == tcp(80)
    with pytest.raises(Undecided):
        next(loop)
    assert not all(each.traffic == tcp(443) for each in MIXED)
    assert any(each.traffic == tcp(80) for each in MIXED)
    with pytest.raises(Undecided):
        all(each.traffic == tcp(80) for each in MIXED)


def test_length_needs_everything_to_be_certain() -> None:
    assert (len(CERTAIN), len(NOTHING)) == (2, 0)
    with pytest.raises(Undecided):
        len(MIXED)


def test_membership_is_asked_of_one_name() -> None:
    answer = Paths([path(tcp(80), "b")], [path(tcp(80), "c", doubts=UNSURE)])
    assert "b" in answer
    assert "d" not in answer
    assert 1 not in answer
    with pytest.raises(Undecided):
        assert "c" in answer


def test_findings_can_be_chosen() -> None:
    assert len(CERTAIN.on(tcp(80))) == 1
    assert not CERTAIN.on(tcp(22))
    assert not MIXED.of("c")
    with pytest.raises(Undecided):
        bool(MIXED.on(tcp(22)))
    assert not UNDECIDED.where(lambda each: each.source == "z")


def test_paths_lead_through_or_around() -> None:
    answer = Paths([path(tcp(80), through="lb"), path(tcp(80), through="other")])
    assert [each.hops[0].address for each in answer.through("lb")] == ["lb"]
    assert [each.hops[0].address for each in answer.around("lb")] == ["other"]


@pytest.mark.parametrize(
    ("answer", "allowed", "verdict"),
    [
        (CERTAIN, tcp(80, 443), Verdict.PASS),
        (CERTAIN, ANY, Verdict.PASS),
        (CERTAIN, tcp(80), Verdict.FAIL),
        (CERTAIN, {"b": tcp(80, 443)}, Verdict.PASS),
        (CERTAIN, {"b": tcp(80)}, Verdict.FAIL),
        (CERTAIN, {"c": ANY}, Verdict.FAIL),
        (NOTHING, {}, Verdict.PASS),
        (MIXED, tcp(80), Verdict.UNDECIDED),
        (MIXED, tcp(22, 80), Verdict.PASS),
        (MIXED, tcp(443), Verdict.FAIL),
        (UNDECIDED, tcp(80), Verdict.UNDECIDED),
    ],
)
def test_within_is_that_nothing_is_beyond(
    answer: Paths, allowed: Traffic | dict[str, Traffic], verdict: Verdict
) -> None:
    assert answer.within(allowed).verdict is verdict


@pytest.mark.parametrize(
    ("answer", "allowed", "verdict"),
    [
        (CERTAIN, tcp(80, 443), Verdict.PASS),
        (CERTAIN, tcp(80, 443, 22), Verdict.FAIL),
        (CERTAIN, tcp(80), Verdict.FAIL),
        (CERTAIN, {"b": ANY}, Verdict.PASS),
        (NOTHING, {}, Verdict.PASS),
        (NOTHING, {"b": tcp(80)}, Verdict.FAIL),
        (NOTHING, {"b": ANY}, Verdict.FAIL),
        (MIXED, tcp(80), Verdict.UNDECIDED),
        (MIXED, tcp(22, 80), Verdict.UNDECIDED),
        (MIXED, tcp(22, 80, 81), Verdict.FAIL),
        (MIXED, tcp(443), Verdict.FAIL),
        (UNDECIDED, {"b": tcp(22)}, Verdict.UNDECIDED),
    ],
)
def test_only_is_that_there_is_all_that_is_named_and_nothing_else(
    answer: Paths, allowed: Traffic | dict[str, Traffic], verdict: Verdict
) -> None:
    assert answer.only(allowed).verdict is verdict


def test_a_claim_is_as_true_as_its_verdict() -> None:
    assert Claim(Verdict.PASS, "so")
    assert not Claim(Verdict.FAIL, "so", ("not so",))
    with pytest.raises(Undecided, match="ingress"):
        bool(MIXED.only(tcp(80)))


def test_a_claim_tells_what_is_against_it() -> None:
    shown = repr(CERTAIN.only(tcp(80, 22)))
    assert "tcp 443" in shown
    assert "there is no path with tcp 22" in shown
    assert CERTAIN.only(tcp(80)).as_dict()["verdict"] == "fail"
    assert MIXED.only(tcp(80)).as_dict()["doubts"] == [UNSURE[0].as_dict()]


def test_everything_in_a_group_has_to_be_allowed() -> None:
    one = Exposure(tcp(80), (), (), address="group", kind=Kind.DIRECT, sources=())
    assert one.allowance({"group": tcp(80)}) == tcp(80)
    assert one.allowance({"other": tcp(80)}) != tcp(80)


def test_an_answer_is_shown_with_what_is_undecided() -> None:
    shown = repr(MIXED)
    assert shown.startswith("<1 path, 1 undecided")
    assert "perhaps a to b tcp 22" in shown
    assert "known after apply" in shown
    many = Paths([path(tcp(port)) for port in range(9)])
    assert "and 4 more" in repr(many)


def test_answers_and_findings_are_data(service: Service) -> None:
    network = Network(service.base.sketch.stack())
    json.dumps(network.reachable_from_internet().as_dict())
    json.dumps(network.paths("internet", service.tasks.address).as_dict())
    json.dumps(network.egress(service.tasks.address).as_dict())
    json.dumps(network.ingress(service.tasks.address).as_dict())
    exposures = network.reachable_from_internet().as_dict()
    (direct,) = exposures["definite"]
    assert direct["address"] == service.balancer.address
    assert direct["protocols"] == [{"protocol": "tcp", "from": 443, "to": 443}]
    assert (direct["sources"], direct["certain"], direct["kind"]) == (["0.0.0.0/0"], True, "direct")
    assert exposures["forwarded"]["definite"][0]["through"] == [service.balancer.address]
    (flow,) = network.ingress(service.tasks.address).as_dict()["definite"]
    assert flow["group"] == [service.balancer.address]
    (way,) = network.paths("internet", service.tasks.address).as_dict()["definite"]
    assert (way["source"], way["target"], way["arrives"]) == ("internet", service.tasks.address, "tcp 8080")


def test_hops_lead_from_the_internet_to_the_tasks_each_with_its_place(service: Service) -> None:
    (way,) = Network(service.base.sketch.stack()).paths("internet", service.tasks.address)
    assert [hop.what for hop in way.hops] == [
        "the internet",
        "internet gateway",
        "route",
        "security group rule",
        "application load balancer",
        "listener",
        "target group",
        "registration",
        "security group rule",
        "security group rule",
        "tasks",
    ]
    if service.base.sketch.form == PLANNED:
        text = (service.base.sketch.folder / "main.tf").read_text(encoding="utf-8").splitlines()
        for hop in way.hops[1:]:
            assert hop.place is not None
            type_, name = hop.address.split(".")
            block = text.index(f'resource "{type_}" "{name}" {{') + 1
            assert block <= hop.place.line <= block + 8
        assert way.place == way.hops[-2].place


def test_what_is_in_no_network_cannot_be_asked_about(service: Service) -> None:
    service.base.sketch.add("aws_s3_bucket.logs", bucket="logs")
    network = Network(service.base.sketch.stack())
    with pytest.raises(PlanError, match="no network interface"):
        network.egress("aws_s3_bucket.logs")
    with pytest.raises(PlanError, match=r"there is no aws_lb\.mian"):
        network.paths("internet", "aws_lb.mian")


def test_resources_can_be_named_by_themselves(service: Service) -> None:
    stack = service.base.sketch.stack()
    network = Network(stack)
    balancer, tasks = stack[service.balancer.address], stack[service.tasks.address]
    assert network.reachable_from_internet().only({balancer: tcp(443)})
    assert network.paths(balancer, tasks).through(balancer).only(tcp(8080))
    assert balancer in network.reachable_from_internet()
    assert not network.paths("internet", tasks).around(balancer)
    assert set(network.addresses) == {balancer.address, tasks.address}


def test_traffic_of_an_answer_is_all_of_it() -> None:
    assert CERTAIN.traffic == tcp(80, 443)
    assert CERTAIN.traffic != icmp()
    with pytest.raises(Undecided):
        _ = MIXED.traffic
