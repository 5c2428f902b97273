"""Values of a condition key that stand for all others: those at which the answer of a condition can change."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from stackproof.analysis.access.documents.operators import Operator

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def around(operator: Operator, values: Sequence[str]) -> list[str] | None:
    """For numbers, dates and IP addresses: values of which one behaves as any other would, given those of conditions.

    None where a value is none of these, and for other kinds of values.
    """
    try:
        if operator.comparison.startswith("Numeric"):
            return [str(number) for number in _between(Decimal(value) for value in values)]
        if operator.comparison.startswith("Date"):
            return [str(number) for number in _between(map(seconds, values))]
        if operator.comparison == "IpAddress":
            return list(dict.fromkeys(map(str, _edges(values))))
    except (ValueError, OverflowError, InvalidOperation):
        return None
    return None


def seconds(date: str) -> Decimal:
    """The seconds since 1970 of a date of ISO 8601, or of such a number; ValueError for what is neither."""
    try:
        return Decimal(date)
    except InvalidOperation:
        moment = datetime.fromisoformat(date)
        return Decimal(str((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))


def _between(bounds: Iterable[Decimal]) -> list[Decimal]:
    known = sorted(set(bounds))
    if not known:
        return [Decimal(0)]
    middle = [(low + high) / 2 for low, high in itertools.pairwise(known)]
    return [known[0] - 1, *known, *middle, known[-1] + 1]


def _edges(blocks: Iterable[str]) -> Iterator[_Address]:
    """Where blocks begin, and where what is after them does."""
    yield ipaddress.IPv4Address(0)
    yield ipaddress.IPv6Address(0)
    for block in blocks:
        network = ipaddress.ip_network(block, strict=False)
        yield network.network_address
        last = network.broadcast_address
        if int(last) < 2**network.max_prefixlen - 1:
            yield last + 1
