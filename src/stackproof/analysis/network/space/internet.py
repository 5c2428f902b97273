"""The internet as a set of addresses: what is left when ranges that are not globally reachable are taken out."""

from __future__ import annotations

from stackproof.analysis.network.space.ranges import ALL_V4, ALL_V6, Ranges

SPECIAL_V4 = Ranges.of(
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
"""Not globally reachable, or multicast: https://www.iana.org/assignments/iana-ipv4-special-registry/."""

PRIVATE_V4 = Ranges.of("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")
"""What VPCs are made of: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html."""

GLOBAL_UNICAST_V6 = Ranges.of("2000::/3")
"""All that IANA hands out: https://www.iana.org/assignments/ipv6-unicast-address-assignments/."""

SPECIAL_V6 = Ranges.of("2001::/23", "2001:db8::/32", "3fff::/20")
"""Not globally reachable, inside it: https://www.iana.org/assignments/iana-ipv6-special-registry/."""

INTERNET = (ALL_V4 - SPECIAL_V4) | (GLOBAL_UNICAST_V6 - SPECIAL_V6)


def shown(sources: Ranges, internet: Ranges = INTERNET) -> tuple[str, ...]:
    """CIDR blocks for the part of the internet in a set of addresses: `0.0.0.0/0` or `::/0` where all of it is in."""
    texts: list[str] = []
    for family in sources.families:
        everything = ALL_V4 if family.v4 else ALL_V6
        whole = internet & everything
        texts += everything.blocks if family.covers(whole) else (family & whole).blocks
    return tuple(texts)
