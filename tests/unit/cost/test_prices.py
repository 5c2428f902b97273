from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from stackproof.analysis.cost import bundled_sheet, load_sheet
from stackproof.analysis.cost.services import catalog
from stackproof.errors import CostError

PRICE = """
[[price]]
key = "nat.hour"
unit = "hour"
source = "https://aws.amazon.com/vpc/pricing/"
as_of = 2026-05-01
usd = { us-east-1 = 0.045 }
"""


def sheet(folder: Path, text: str) -> Path:
    file = folder / "sheet.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_prices_are_exact_and_know_their_source_and_day() -> None:
    price = bundled_sheet().price("fargate.x86.vcpu", "us-east-1")
    assert price is not None
    assert price.amount == Decimal("0.04048")
    assert price.source == "https://aws.amazon.com/fargate/pricing/"
    assert price.as_of == date(2026, 3, 1)


def test_every_price_of_the_bundled_sheet_comes_from_a_page_of_aws_and_of_a_day_that_was() -> None:
    for entry in bundled_sheet().entries.values():
        assert re.fullmatch(r"https://aws\.amazon\.com/[a-z0-9/-]+/pricing/([a-z-]+/)?", entry.source), entry
        assert entry.as_of <= datetime.now(UTC).date()
        assert set(entry.unconfirmed) <= set(entry.amounts), entry


def test_a_price_of_everywhere_holds_in_every_region_but_those_of_other_partitions() -> None:
    assert bundled_sheet().price("kms.key", "ap-southeast-2") is not None
    assert bundled_sheet().price("kms.key", "cn-north-1") is None
    assert bundled_sheet().price("kms.key", "us-gov-west-1") is None


def test_a_price_that_is_not_known_in_a_region_is_none_and_never_another_regions() -> None:
    assert bundled_sheet().price("nat.hour", "ap-southeast-2") is None
    assert bundled_sheet().price("no.such", "us-east-1") is None


def test_unconfirmed_prices_say_so() -> None:
    price = bundled_sheet().price("fargate.x86.spot.vcpu", "us-east-1")
    assert price is not None
    assert not price.confirmed


def test_the_age_of_a_sheet_is_told(tmp_path: Path) -> None:
    found = load_sheet(sheet(tmp_path, PRICE))
    assert "the oldest is of 31 days ago)" in found.describe(date(2026, 6, 1))
    assert "which is old" in found.describe(date(2027, 6, 1))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("price = 3", "lists no prices"),
        ("[[price", "is not valid TOML"),
        (PRICE.replace('unit = "hour"', ""), "price 1: is no price: lacks 'unit'"),
        (PRICE.replace("0.045", "0"), "0 is no price in US dollars"),
        (PRICE.replace("0.045", "nan"), "NaN"),
        (PRICE.replace("0.045", '"0.045"'), "'0.045' is no price in US dollars"),
        (PRICE.replace("https://aws", "see aws"), "source must be the address of a page"),
        (PRICE.replace("2026-05-01", '"May"'), "as_of must be a day"),
        (PRICE + PRICE, "price 2: nat.hour has two prices"),
        (PRICE + "\nsurce = 1", "unknown key surce"),
    ],
)
def test_a_sheet_that_cannot_be_used_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(CostError, match=re.escape(complaint)):
        load_sheet(sheet(tmp_path, text))


def test_a_sheet_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CostError, match="cannot be read"):
        load_sheet(tmp_path / "none.toml")


def test_no_type_is_both_charged_and_free() -> None:
    assert not [kind for kind in catalog.PRICERS if catalog.why_free(kind)]
    assert catalog.why_free("aws_iam_role")
    assert catalog.why_free("random_password")
    assert catalog.why_free("aws_opensearch_domain") is None
