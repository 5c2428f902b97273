"""The AWS Price List, asked by the real client of a stand-in on loopback that answers as AWS does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from stackproof.analysis.cost import bundled_sheet, estimate
from stackproof.analysis.cost.price_list import PriceList
from stackproof.errors import CostError

from .plans import plan


def product(usage: str, *tiers: tuple[str, str], operation: str = "") -> dict[str, Any]:
    """A product with the prices of its tiers, each with where it begins."""
    dimensions = {
        str(number): {"beginRange": begin, "pricePerUnit": {"USD": usd}} for number, (begin, usd) in enumerate(tiers)
    }
    return {
        "product": {"attributes": {"usagetype": usage, "operation": operation}},
        "terms": {"OnDemand": {"A.B": {"priceDimensions": dimensions}}},
    }


@dataclass
class StandIn:
    """What the service answers with, page by page, and what it was asked."""

    products: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    refusal: str = ""

    def answer(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.asked.append(asked)
        if self.refusal:
            return 400, {"__type": self.refusal, "message": "not allowed"}
        listed = self.products.get(asked["ServiceCode"], [])
        page = int(asked.get("NextToken") or 0)
        more = {"NextToken": str(page + 1)} if page + 1 < len(listed) else {}
        return 200, {"PriceList": [json.dumps(one) for one in listed[page : page + 1]], **more}


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    made = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = made.answer(json.loads(body))
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
        monkeypatch.delenv(name, raising=False)
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def price_list() -> PriceList:
    return PriceList(bundled_sheet())


def test_a_price_is_asked_of_aws_by_region_and_comes_with_the_day(stand_in: StandIn) -> None:
    stand_in.products["AmazonEC2"] = [
        product("EUC1-NatGateway-Bytes", ("0", "0.06")),
        product("EUC1-NatGateway-Hours", ("0", "0.0520000000")),
    ]
    price = price_list().price("nat.hour", "eu-central-1")
    assert price is not None
    assert price.amount == Decimal("0.052")
    assert (price.origin, price.confirmed, price.unit) == ("api", True, "hour")
    assert price.as_of == datetime.now(UTC).date()
    filters = {one["Field"]: one["Value"] for one in stand_in.asked[0]["Filters"]}
    assert filters == {"regionCode": "eu-central-1", "operation": "NatGateway"}
    assert [request.get("NextToken") for request in stand_in.asked] == [None, "1"]


@pytest.mark.parametrize("usage", ["NatGateway-Hours", "USE1-NatGateway-Hours", "EU-NatGateway-Hours"])
def test_a_usage_type_is_known_with_and_without_its_region(stand_in: StandIn, usage: str) -> None:
    stand_in.products["AmazonEC2"] = [product(usage, ("0", "0.09"))]
    price = price_list().price("nat.hour", "us-east-1")
    assert price is not None
    assert price.amount == Decimal("0.09")


def test_of_several_tiers_the_first_that_is_not_free_counts(stand_in: StandIn) -> None:
    tiers = [("100", "0.0030"), ("0", "0"), ("5000", "0.0020")]
    stand_in.products["AWSCodePipeline"] = [product("USE1-actionExecutionMinute", *tiers)]
    price = price_list().price("codepipeline.v2.minute", "us-east-1")
    assert price is not None
    assert price.amount == Decimal("0.003")


def test_a_unit_of_the_api_is_turned_into_ours(stand_in: StandIn) -> None:
    stand_in.products["awskms"] = [product("us-east-1-KMS-Requests", ("0", "0.000003"))]
    price = price_list().price("kms.calls", "us-east-1")
    assert price is not None
    assert (price.amount, price.unit) == (Decimal("0.03"), "10,000 calls")


@pytest.mark.parametrize("amounts", [[], ["0.05", "0.06"], ["0"]])
def test_the_sheet_stands_in_for_what_aws_does_not_tell_unambiguously(stand_in: StandIn, amounts: list[str]) -> None:
    stand_in.products["AmazonEC2"] = [product("NatGateway-Hours", ("0", amount)) for amount in amounts]
    prices = price_list()
    price = prices.price("nat.hour", "us-east-1")
    assert price is not None
    assert (price.amount, price.origin) == (Decimal("0.045"), "sheet")
    assert prices.describe(datetime.now(UTC).date()).startswith("AWS Price List of today for 0 of 1 prices")


def test_each_price_is_asked_once(stand_in: StandIn) -> None:
    stand_in.products["AmazonEC2"] = [product("NatGateway-Hours", ("0", "0.05"))]
    gateways = {f"aws_nat_gateway.this[{number}]": {"connectivity_type": "private"} for number in range(3)}
    found = estimate(plan(gateways, region="us-east-1"), price_list())
    assert found.total.low == 3 * 730 * Decimal("0.05")
    assert len(stand_in.asked) == 1


def test_what_the_sheet_has_no_name_for_is_not_asked(stand_in: StandIn) -> None:
    price = price_list().price("ec2.t3.micro", "us-east-1")
    assert price is not None
    assert price.origin == "sheet"
    assert not stand_in.asked


def test_a_refusal_is_said_with_what_to_do(stand_in: StandIn) -> None:
    stand_in.refusal = "AccessDeniedException"
    with pytest.raises(CostError, match=r"AWS does not tell its prices: .*AccessDenied.* --prices sheet"):
        price_list().price("nat.hour", "us-east-1")


def test_missing_credentials_are_said(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(CostError, match="credentials"):
        price_list().price("nat.hour", "us-east-1")
    assert not stand_in.asked
