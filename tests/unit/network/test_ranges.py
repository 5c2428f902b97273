"""Arithmetic of address ranges, against counting one by one."""

from __future__ import annotations

import ipaddress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof.analysis.network.space import intervals
from stackproof.analysis.network.space.internet import INTERNET, SPECIAL_V4, shown
from stackproof.analysis.network.space.ranges import ALL_V4, ALL_V6, EVERYWHERE, Ranges

SPACE = ipaddress.ip_network("10.0.0.0/26")
blocks = st.builds(
    lambda number, length: str(ipaddress.ip_network((int(SPACE.network_address) + number, length), strict=False)),
    st.integers(0, SPACE.num_addresses - 1),
    st.integers(26, 32),
)
several = st.lists(blocks, max_size=6)


def members(ranges: Ranges) -> set[int]:
    first = int(SPACE.network_address)
    return {n for n in range(first, first + SPACE.num_addresses) if any(low <= n <= high for low, high in ranges.v4)}


def addresses(texts: list[str]) -> set[int]:
    return {int(address) for text in texts for address in ipaddress.ip_network(text)}


@given(several, several)
def test_union_intersection_and_difference_are_those_of_sets(left: list[str], right: list[str]) -> None:
    one, other = Ranges.of(*left), Ranges.of(*right)
    assert members(one | other) == addresses(left) | addresses(right)
    assert members(one & other) == addresses(left) & addresses(right)
    assert members(one - other) == addresses(left) - addresses(right)


@given(several, several)
def test_one_covers_another_where_it_has_all_of_its_addresses(left: list[str], right: list[str]) -> None:
    assert Ranges.of(*left).covers(Ranges.of(*right)) == (addresses(right) <= addresses(left))


@given(several)
def test_blocks_hold_the_same_addresses_and_equal_sets_are_equal(texts: list[str]) -> None:
    ranges = Ranges.of(*texts)
    assert addresses(list(ranges.blocks)) == addresses(texts)
    singles = [str(ipaddress.ip_address(number)) for number in addresses(texts)]
    assert Ranges.of(*singles) == ranges


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)).map(lambda pair: (pair[0], pair[0] + pair[1]))))
def test_intervals_never_touch(pairs: list[tuple[int, int]]) -> None:
    found = intervals.normal(pairs)
    assert {n for low, high in found for n in range(low, high + 1)} == {
        n for low, high in pairs for n in range(low, high + 1)
    }
    assert all(left[1] + 1 < right[0] for left, right in pairwise(found))


def test_families_are_apart() -> None:
    assert not Ranges.of("0.0.0.0/0") & Ranges.of("::/0")
    assert Ranges.of("0.0.0.0/0", "::/0").families == (ALL_V4, ALL_V6)


def test_a_block_may_name_any_address_in_it() -> None:
    assert Ranges.of("10.1.2.3/8") == Ranges.of("10.0.0.0/8")


def test_what_is_no_block_is_refused() -> None:
    with pytest.raises(ValueError, match="sg-1"):
        Ranges.of("sg-1")


@pytest.mark.parametrize(
    "block",
    [
        "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
        "fc00::/7", "fe80::/10", "2001:db8::/32", "::1/128", "ff00::/8",
    ],
)  # fmt: skip
def test_special_ranges_are_not_the_internet(block: str) -> None:
    assert not INTERNET & Ranges.of(block)


@pytest.mark.parametrize("block", ["8.8.8.8/32", "172.32.0.0/11", "100.128.0.0/9", "2a05:d018::/36", "2600::/12"])
def test_all_else_is(block: str) -> None:
    assert INTERNET.covers(Ranges.of(block))


def test_the_internet_and_the_special_ranges_are_all_there_is_of_ipv4() -> None:
    assert Ranges(v4=INTERNET.v4) | SPECIAL_V4 == ALL_V4
    assert not INTERNET & SPECIAL_V4


def test_the_whole_internet_is_shown_as_such() -> None:
    assert shown(EVERYWHERE) == ("0.0.0.0/0", "::/0")
    assert shown(Ranges.of("0.0.0.0/1", "128.0.0.0/1")) == ("0.0.0.0/0",)
    assert shown(INTERNET) == ("0.0.0.0/0", "::/0")
    assert shown(Ranges.of("8.8.8.0/24", "10.0.0.0/8")) == ("8.8.8.0/24",)
