"""What AWS asks for one unit of something, and the sheet of prices that comes with Stackproof."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from stackproof.errors import CostError

EVERYWHERE = "all"
"""Stands for every region of the commercial partition, where a price is the same in all of them."""

OTHER_PARTITIONS = ("cn-", "us-gov-", "us-iso", "eu-isoe-", "eusc-")
"""Beginnings of regions whose prices are their own: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html."""

MOST_DAYS = 365
"""A sheet whose oldest price is older than this is called old."""


@dataclass(frozen=True)
class Price:
    """US dollars for one `unit` of what `key` names, in a region.

    `source` is the page that AWS publishes it on, `as_of` the day on which it was last known to be right. A price that
    is not `confirmed` comes from memory or varies, and is shown as such.
    """

    key: str
    region: str
    amount: Decimal
    unit: str
    source: str
    as_of: date
    confirmed: bool = True
    origin: str = "sheet"

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON data; the amount is text, for a float would change it."""
        return {
            "key": self.key,
            "usd": f"{self.amount:f}",
            "unit": self.unit,
            "source": self.source,
            "as_of": self.as_of.isoformat(),
            "confirmed": self.confirmed,
            "origin": self.origin,
        }


@dataclass(frozen=True)
class Product:
    """How the AWS Price List names what a price is for; `times` is how many of its units make one of ours."""

    service: str
    usage: str
    operation: str = ""
    times: Decimal = Decimal(1)


class Prices(Protocol):
    """Where prices come from."""

    def price(self, key: str, region: str) -> Price | None:
        """The price of what a key names in a region; None where it is not known there."""
        ...

    def describe(self, today: date) -> str:
        """Where the prices come from and how old they are, in one sentence."""
        ...


@dataclass(frozen=True)
class _Entry:
    key: str
    unit: str
    source: str
    as_of: date
    amounts: Mapping[str, Decimal]
    unconfirmed: tuple[str, ...]
    product: Product | None


@dataclass(frozen=True)
class Sheet:
    """A file of prices."""

    file: str
    entries: Mapping[str, _Entry] = field(repr=False)

    def price(self, key: str, region: str) -> Price | None:
        """The price that the sheet has for a key in a region."""
        entry = self.entries.get(key)
        if entry is None:
            return None
        column = region if region in entry.amounts else EVERYWHERE
        if column not in entry.amounts or (column == EVERYWHERE and region.startswith(OTHER_PARTITIONS)):
            return None
        confirmed = column not in entry.unconfirmed
        return Price(key, region, entry.amounts[column], entry.unit, entry.source, entry.as_of, confirmed)

    def product(self, key: str) -> Product | None:
        """What the AWS Price List calls what a key names."""
        entry = self.entries.get(key)
        return entry.product if entry else None

    @property
    def oldest(self) -> date:
        """The day of the oldest price."""
        return min(entry.as_of for entry in self.entries.values())

    @property
    def newest(self) -> date:
        """The day of the newest price."""
        return max(entry.as_of for entry in self.entries.values())

    def describe(self, today: date) -> str:
        """Where the prices come from and how old they are."""
        days = (today - self.oldest).days
        old = ", which is old: have AWS asked with --prices api" if days > MOST_DAYS else ""
        span = str(self.oldest) if self.oldest == self.newest else f"{self.oldest} to {self.newest}"
        return f"the price sheet {self.file} (prices of {span}; the oldest is of {days} days ago{old})"


@cache
def bundled_sheet() -> Sheet:
    """The sheet that comes with Stackproof."""
    return _sheet((files("stackproof.analysis.cost") / "data" / "prices.toml").read_text("utf-8"), "prices.toml")


def load_sheet(file: Path) -> Sheet:
    """A sheet of the same form; raises CostError where it cannot be used."""
    try:
        return _sheet(file.read_text("utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise CostError(f"the price sheet cannot be read: {error}", where=str(file)) from None


def _sheet(text: str, file: str) -> Sheet:
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise CostError(f"is not valid TOML: {error}", where=file) from None
    listed = document.get("price")
    if not isinstance(listed, list) or not listed:
        raise CostError("lists no prices", where=file, remedy="write a [[price]] table for each.")
    entries: dict[str, _Entry] = {}
    for number, raw in enumerate(listed, 1):
        where = f"{file}, price {number}"
        try:
            entry = _entry(raw)
        except (KeyError, TypeError, ValueError) as error:
            told = f"lacks {error}" if isinstance(error, KeyError) else str(error)
            raise CostError(f"is no price: {told}", where=where) from None
        if entry.key in entries:
            raise CostError(f"{entry.key} has two prices", where=where)
        entries[entry.key] = entry
    return Sheet(file, entries)


def _entry(raw: Mapping[str, Any]) -> _Entry:
    unknown = set(raw) - {"key", "unit", "source", "as_of", "usd", "unconfirmed", "product"}
    if unknown:
        raise ValueError(f"unknown key {', '.join(sorted(unknown))}")
    amounts = {region: _amount(amount) for region, amount in raw["usd"].items()}
    if not amounts:
        raise ValueError("usd names no region")
    source = raw["source"]
    if not isinstance(source, str) or not source.startswith("https://"):
        raise ValueError("source must be the address of a page")
    if type(raw["as_of"]) is not date:
        raise ValueError("as_of must be a day such as 2026-05-01, without quotes")
    product = raw.get("product")
    return _Entry(
        raw["key"],
        raw["unit"],
        source,
        raw["as_of"],
        amounts,
        tuple(raw.get("unconfirmed", ())),
        Product(**{**product, "times": Decimal(product.get("times", 1))}) if product else None,
    )


def _amount(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite() or value <= 0:
        raise ValueError(f"{value!r} is no price in US dollars")
    return Decimal(value)
