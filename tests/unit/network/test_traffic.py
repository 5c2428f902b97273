"""Protocols and ports as sets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof.analysis.network import ANY, Traffic, icmp, icmpv6, tcp, udp
from stackproof.analysis.network.space.traffic import NO_TRAFFIC, of_protocol, rule_traffic

PROTOCOLS = (1, 6, 17, 50)
PORTS = (0, 1, 2, 3, 65534, 65535)
Member = tuple[int, int]

spans = st.tuples(st.sampled_from(PORTS), st.sampled_from(PORTS)).map(lambda pair: (min(pair), max(pair)))
single = st.builds(lambda number, span: of_protocol(number, (span,)), st.sampled_from(PROTOCOLS[:3]), spans)
traffic = st.recursive(
    st.one_of(single, st.just(ANY), st.just(NO_TRAFFIC), st.just(of_protocol(50))),
    lambda inner: st.one_of(st.builds(lambda a, b: a | b, inner, inner), st.builds(lambda a, b: a - b, inner, inner)),
    max_leaves=6,
)


def members(one: Traffic) -> set[Member]:
    return {(p, n) for p in PROTOCOLS for n in PORTS if any(low <= n <= high for low, high in one.ports(p))}


@given(traffic, traffic)
def test_operations_are_those_of_sets(one: Traffic, other: Traffic) -> None:
    assert members(one | other) == members(one) | members(other)
    assert members(one & other) == members(one) & members(other)
    assert members(one - other) == members(one) - members(other)
    assert (one <= other) == (not one - other)


@given(traffic, traffic)
def test_equal_sets_are_equal_however_they_were_made(one: Traffic, other: Traffic) -> None:
    assert (one - other) | (one & other) == one
    assert one | other == other | one


@pytest.mark.parametrize(
    ("rule", "meant"),
    [
        (("-1", None, None), ANY),
        (("all", 0, 0), ANY),
        (("tcp", 80, 81), tcp(80, 81)),
        (("6", 80, 80), tcp(80)),
        (("TCP", 0, 65535), tcp()),
        (("17", 53, 53), udp(53)),
        (("udp", -1, -1), udp()),
        (("icmp", -1, -1), icmp()),
        (("icmp", 8, -1), icmp(8)),
        (("1", 8, 0), of_protocol(1, ((2048, 2048),))),
        (("icmpv6", None, None), icmpv6()),
        (("58", 128, -1), icmpv6(128)),
        (("esp", 0, 0), of_protocol(50)),
        (("50", 443, 443), of_protocol(50)),
    ],
)
def test_rules_name_protocols_in_every_way(rule: tuple[str, int | None, int | None], meant: Traffic) -> None:
    assert rule_traffic(*rule) == meant


def test_a_protocol_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="htcpcp"):
        rule_traffic("htcpcp", 1, 1)


def test_ports_are_numbers_ranges_or_pairs() -> None:
    assert tcp(80, range(81, 83), (90, 92)) == tcp((80, 82), 90, 91, 92)


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (tcp(80, 443), "tcp 80, 443"),
        (tcp((8000, 8100)) | udp(53), "tcp 8000-8100; udp 53"),
        (icmp(8), "icmp type 8"),
        (tcp(), "tcp"),
        (ANY, "all"),
        (ANY - tcp(), "all but tcp"),
        (NO_TRAFFIC, "nothing"),
        (of_protocol(132), "protocol 132"),
    ],
)
def test_traffic_is_shown_shortly(one: Traffic, text: str) -> None:
    assert str(one) == text


def test_traffic_is_data() -> None:
    assert (tcp(80, (90, 92)) | icmp(8) | udp()).as_dict() == [
        {"protocol": "icmp", "type": 8, "to_type": 8},
        {"protocol": "tcp", "from": 80, "to": 80},
        {"protocol": "tcp", "from": 90, "to": 92},
        {"protocol": "udp"},
    ]
    assert ANY.as_dict() == [{"protocol": "all"}]
    assert (ANY - udp()).as_dict() == [{"protocol": "all", "except": ["udp"]}]
