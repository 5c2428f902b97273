"""Sets of IP addresses of both families, and the arithmetic that CIDR blocks need."""

from __future__ import annotations

import functools
import ipaddress
from dataclasses import dataclass

from stackproof.analysis.network.space import intervals
from stackproof.analysis.network.space.intervals import Intervals


@dataclass(frozen=True, slots=True)
class Ranges:
    """A set of addresses. Two are equal where they hold the same addresses, however the blocks were cut."""

    v4: Intervals = ()
    v6: Intervals = ()

    @classmethod
    def of(cls, *blocks: str) -> Ranges:
        """The addresses of CIDR blocks; a block may name any address in it. Raises ValueError for other texts."""
        found = cls()
        for block in blocks:
            found |= _block(block)
        return found

    def __bool__(self) -> bool:
        return bool(self.v4 or self.v6)

    def __or__(self, other: Ranges) -> Ranges:
        return Ranges(intervals.union(self.v4, other.v4), intervals.union(self.v6, other.v6))

    def __and__(self, other: Ranges) -> Ranges:
        if self == other:
            return self
        return Ranges(intervals.intersection(self.v4, other.v4), intervals.intersection(self.v6, other.v6))

    def __sub__(self, other: Ranges) -> Ranges:
        return Ranges(intervals.difference(self.v4, other.v4), intervals.difference(self.v6, other.v6))

    def covers(self, other: Ranges) -> bool:
        """Whether every address of the other is in this one."""
        return not other - self

    @property
    def families(self) -> tuple[Ranges, ...]:
        """The IPv4 part and the IPv6 part, without empty ones."""
        return tuple(part for part in (Ranges(v4=self.v4), Ranges(v6=self.v6)) if part)

    @property
    def blocks(self) -> tuple[str, ...]:
        """The fewest CIDR blocks that hold just these addresses."""
        four = (
            block
            for low, high in self.v4
            for block in ipaddress.summarize_address_range(ipaddress.IPv4Address(low), ipaddress.IPv4Address(high))
        )
        six = (
            block
            for low, high in self.v6
            for block in ipaddress.summarize_address_range(ipaddress.IPv6Address(low), ipaddress.IPv6Address(high))
        )
        return (*map(str, four), *map(str, six))

    def __str__(self) -> str:
        return ", ".join(self.blocks)


@functools.lru_cache(maxsize=4096)
def _block(text: str) -> Ranges:
    network = ipaddress.ip_network(text, strict=False)
    pair = ((int(network.network_address), int(network.broadcast_address)),)
    return Ranges(v4=pair) if network.version == 4 else Ranges(v6=pair)


ALL_V4 = Ranges.of("0.0.0.0/0")
ALL_V6 = Ranges.of("::/0")
EVERYWHERE = ALL_V4 | ALL_V6
NOWHERE = Ranges()
