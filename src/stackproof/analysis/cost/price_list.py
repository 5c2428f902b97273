"""Prices as AWS tells them now: the Price List Query API.

https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html

It wants credentials with the permission `pricing:GetProducts`, and costs nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from stackproof.analysis.cost.prices import Price, Product, Sheet
from stackproof.errors import CostError

ENDPOINT_REGION = "us-east-1"
"""One of the few regions that have the API; each tells the prices of all."""

SOURCE = "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html"
_PREFIX = re.compile(r"(?:[A-Z]{2,4}\d?|[a-z]{2}(?:-[a-z]+)+-\d)-(?=[A-Za-z])")
"""Usage types begin with the region, except in the first one."""


@dataclass
class PriceList:
    """Asks AWS for each price once, and falls back on a sheet for what the API does not tell unambiguously."""

    sheet: Sheet
    client: Any = None
    _answers: dict[tuple[str, str], Price | None] = field(default_factory=dict, repr=False)
    _products: dict[tuple[str, str], list[Mapping[str, Any]]] = field(default_factory=dict, repr=False)

    def price(self, key: str, region: str) -> Price | None:
        """The price of what a key names; raises CostError where AWS cannot be asked at all."""
        if (key, region) not in self._answers:
            self._answers[key, region] = self._ask(key, region)
        return self._answers[key, region]

    def describe(self, today: date) -> str:
        """Where the prices come from."""
        told = [price for price in self._answers.values() if price is not None]
        asked = sum(price.origin == "api" for price in told)
        return f"AWS Price List of today for {asked} of {len(told)} prices, the others: {self.sheet.describe(today)}"

    def _ask(self, key: str, region: str) -> Price | None:
        fallback, product = self.sheet.price(key, region), self.sheet.product(key)
        if product is None:
            return fallback
        amounts = {amount for item in self._found(product, region) for amount in _amounts(item)}
        if len(amounts) != 1:
            return fallback
        unit = fallback.unit if fallback else product.usage
        amount = amounts.pop() * product.times
        return Price(key, region, amount, unit, SOURCE, datetime.now(UTC).date(), origin="api")

    def _found(self, product: Product, region: str) -> Iterator[Mapping[str, Any]]:
        filters = {"regionCode": region, **({"operation": product.operation} if product.operation else {})}
        at = (product.service, json.dumps(filters))
        if at not in self._products:
            self._products[at] = self._get(product.service, filters)
        for item in self._products[at]:
            usage = item.get("product", {}).get("attributes", {}).get("usagetype", "")
            if product.usage in (usage, _PREFIX.sub("", usage, count=1)):
                yield item

    def _get(self, service: str, filters: Mapping[str, str]) -> list[Mapping[str, Any]]:
        import boto3  # type: ignore[import-untyped]
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

        try:
            if self.client is None:
                # not the default session, which would keep credentials that somebody else gave
                self.client = boto3.Session().client("pricing", region_name=ENDPOINT_REGION)
            pages = self.client.get_paginator("get_products").paginate(
                ServiceCode=service,
                FormatVersion="aws_v1",
                Filters=[{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in filters.items()],
            )
            return [json.loads(text) for page in pages for text in page["PriceList"]]
        except (BotoCoreError, ClientError, ValueError) as error:
            raise CostError(
                f"AWS does not tell its prices: {error}",
                where=f"pricing:GetProducts {service}",
                remedy="give credentials that may call it, or use the price sheet: --prices sheet.",
            ) from None


def _amounts(item: Mapping[str, Any]) -> Iterator[Decimal]:
    """US dollars for a unit on demand: of the first tier that is not free."""
    for term in item.get("terms", {}).get("OnDemand", {}).values():
        tiers = sorted(term.get("priceDimensions", {}).values(), key=_begin)
        yield from _first(_dollars(tier) for tier in tiers)


def _begin(tier: Mapping[str, Any]) -> Decimal:
    return _number(tier.get("beginRange", "0"))


def _dollars(tier: Mapping[str, Any]) -> Decimal:
    return _number(tier.get("pricePerUnit", {}).get("USD", "0"))


def _number(text: object) -> Decimal:
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return Decimal(0)


def _first(amounts: Iterable[Decimal]) -> Iterator[Decimal]:
    yield from [amount for amount in amounts if amount > 0][:1]
