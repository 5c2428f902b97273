"""Traffic: a set of IP protocols with their ports, or with their types and codes for ICMP.

https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html,
https://www.iana.org/assignments/protocol-numbers/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from stackproof.analysis.network.space import intervals
from stackproof.analysis.network.space.intervals import Intervals

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
PORTS: Intervals = ((0, 65535),)
"""All ports; for ICMP all types, times 256, plus codes."""

NUMBERS = {"icmp": ICMP, "tcp": TCP, "udp": UDP, "icmpv6": ICMPV6, "esp": 50, "ah": 51, "vrrp": 112}
_NAMES = {number: name for name, number in NUMBERS.items()}
_CODES = 256


@dataclass(frozen=True, slots=True)
class Traffic:
    """A set of protocols and ports. `|`, `&`, `-` and `<=` (is part of) are those of sets."""

    protocols: tuple[tuple[int, Intervals], ...] = ()
    rest: bool = False
    """Whether all of every protocol that is not listed is in the set, too."""

    def __bool__(self) -> bool:
        return self.rest or bool(self.protocols)

    def __or__(self, other: Traffic) -> Traffic:
        return self._combined(other, intervals.union, self.rest or other.rest)

    def __and__(self, other: Traffic) -> Traffic:
        # most of what is asked has everything on one side
        if self.rest and not self.protocols:
            return other
        if other.rest and not other.protocols:
            return self
        return self._combined(other, intervals.intersection, self.rest and other.rest)

    def __sub__(self, other: Traffic) -> Traffic:
        return self._combined(other, intervals.difference, self.rest and not other.rest)

    def __le__(self, other: Traffic) -> bool:
        return not self - other

    def ports(self, protocol: int) -> Intervals:
        """The ports of a protocol that are in the set."""
        for number, found in self.protocols:
            if number == protocol:
                return found
        return PORTS if self.rest else ()

    def _combined(self, other: Traffic, combine: Callable[[Intervals, Intervals], Intervals], rest: bool) -> Traffic:
        numbers = {number for number, _ in (*self.protocols, *other.protocols)}
        return _canonical(((n, combine(self.ports(n), other.ports(n))) for n in numbers), rest)

    def __str__(self) -> str:
        if not self:
            return "nothing"
        left_out = [_NAMES.get(number, str(number)) for number, ports in self.protocols if not ports]
        texts = [f"{_name(number)}{_numbers(number, ports)}" for number, ports in self.protocols if ports]
        if self.rest:
            beside = [name.split()[0] for name in (*texts, *left_out)]
            texts.append(f"all but {', '.join(beside)}" if beside else "all")
        return "; ".join(texts)

    def __repr__(self) -> str:
        return f"<{self}>"

    def as_dict(self) -> list[dict[str, Any]]:
        """One entry for each protocol and range: `protocol`, and `from` and `to` where not all of it is meant."""
        return list(self._entries())

    def _entries(self) -> Iterator[dict[str, Any]]:
        for number, ports in self.protocols:
            for low, high in ports if ports != PORTS else ():
                if number in (ICMP, ICMPV6):
                    yield {"protocol": _name(number), "type": low // _CODES, "to_type": high // _CODES}
                else:
                    yield {"protocol": _name(number), "from": low, "to": high}
            if ports == PORTS:
                yield {"protocol": _name(number)}
        if self.rest:
            left_out = [_name(number) for number, _ in self.protocols]
            yield {"protocol": "all", "except": left_out} if left_out else {"protocol": "all"}


NO_TRAFFIC = Traffic()
ANY = Traffic(rest=True)


def of_protocol(number: int, ports: Intervals = PORTS) -> Traffic:
    """One protocol, all of it or some ports."""
    return _canonical([(number, ports)], rest=False)


def tcp(*ports: int | range | tuple[int, int]) -> Traffic:
    """TCP on these ports, `range`s or pairs of first and last port; on all ports without any."""
    return of_protocol(TCP, _ports(ports))


def udp(*ports: int | range | tuple[int, int]) -> Traffic:
    """UDP on these ports, `range`s or pairs of first and last port; on all ports without any."""
    return of_protocol(UDP, _ports(ports))


def icmp(*types: int) -> Traffic:
    """ICMP of these types with any code; all of it without any."""
    return of_protocol(ICMP, _types(types))


def icmpv6(*types: int) -> Traffic:
    """ICMP for IPv6 of these types with any code; all of it without any."""
    return of_protocol(ICMPV6, _types(types))


def rule_traffic(protocol: str, first: int | None, last: int | None) -> Traffic:
    """What a rule says: a protocol's name or number, -1 for all, and its ports, or ICMP type and code (-1 for all).

    A security group rule for any protocol but TCP, UDP and ICMP admits all of it. Raises ValueError for a protocol
    that is neither a known name nor a number.
    """
    name = protocol.strip().lower()
    if name in ("-1", "all"):
        return ANY
    number = NUMBERS[name] if name in NUMBERS else int(name)
    if number in (ICMP, ICMPV6):
        return of_protocol(number, _icmp(first, last))
    if number not in (TCP, UDP) or first is None or last is None or first < 0:
        return of_protocol(number)
    return of_protocol(number, intervals.normal([(first, last)]))


def _canonical(protocols: Iterable[tuple[int, Intervals]], rest: bool) -> Traffic:
    usual = PORTS if rest else ()
    return Traffic(tuple(sorted((number, ports) for number, ports in protocols if ports != usual)), rest)


def _ports(ports: Iterable[int | range | tuple[int, int]]) -> Intervals:
    pairs = [(port, port) if isinstance(port, int) else (port[0], port[-1]) for port in ports]
    return intervals.normal(pairs) if pairs else PORTS


def _types(types: Iterable[int]) -> Intervals:
    pairs = [(number * _CODES, number * _CODES + _CODES - 1) for number in types]
    return intervals.normal(pairs) if pairs else PORTS


def _icmp(type: int | None, code: int | None) -> Intervals:
    if type is None or type < 0:
        return PORTS
    if code is None or code < 0:
        return _types([type])
    return ((type * _CODES + code, type * _CODES + code),)


def _name(number: int) -> str:
    return _NAMES.get(number, f"protocol {number}")


def _numbers(number: int, ports: Intervals) -> str:
    if ports == PORTS:
        return ""
    if number in (ICMP, ICMPV6):
        return " type " + ", ".join(_span(low // _CODES, high // _CODES) for low, high in ports)
    return " " + ", ".join(_span(low, high) for low, high in ports)


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"
