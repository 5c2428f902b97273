"""Watching: logs, alarms, dashboards.

https://aws.amazon.com/cloudwatch/pricing/
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from stackproof.analysis.cost.bill import Bill, Missing
from stackproof.analysis.cost.ranges import ONE, Range
from stackproof.analysis.cost.services.pricer import Pricer

DAYS = Decimal(365) / 12
"""Of a month."""

SECONDS_OF_STANDARD = 60
"""Alarms that look more often than this are of high resolution, and dearer."""


def _log_group(bill: Bill) -> None:
    kind = bill.text("log_group_class", "STANDARD")
    written = bill.figure("gb_logged")
    if written is None or kind is None or kind == "DELIVERY":
        return
    key = "logs.infrequent.gb" if kind == "INFREQUENT_ACCESS" else "logs.ingest.gb"
    bill.monthly("ingestion", key, Range.exactly(written.value), by=(written,))
    days = bill.number("retention_in_days")
    if days.is_exact and days.low:
        kept, basis = Range.exactly(days.low / DAYS), f"kept for {days.low:f} days, counted uncompressed"
    else:
        kept, basis = Range(Decimal(1), Decimal(12)), "never deleted, so it grows: one month's up to a year's"
    bill.monthly("storage", "logs.stored.gb", kept * written.value, basis=basis, by=(written,))


def _alarm(bill: Bill) -> None:
    queries = bill.items("metric_query")
    if queries is None:
        bill.gap(Missing.UNDECIDED, "metric_query: how many metrics it watches")
        return
    metrics = [query["metric"][0] for query in queries if query.get("metric")]
    # a band needs the two metrics of its borders, too
    watched = max(1, len(metrics)) + (2 if bill.text("threshold_metric_id") else 0)
    periods = [metric["period"] for metric in metrics] or [bill.value("period", 300)]
    key = "alarm.fast" if min(periods) < SECONDS_OF_STANDARD else "alarm"
    bill.monthly("alarm", key, ONE * watched, basis=f"{watched} metric{'s' * (watched > 1)}")


def _composite(bill: Bill) -> None:
    bill.monthly("composite alarm", "alarm.composite")


def _dashboard(bill: Bill) -> None:
    bill.monthly("dashboard", "dashboard")


PRICERS: Mapping[str, Pricer] = {
    "aws_cloudwatch_log_group": Pricer("CloudWatch", _log_group, {"gb_logged": "GB that are written to it"}),
    "aws_cloudwatch_metric_alarm": Pricer("CloudWatch", _alarm),
    "aws_cloudwatch_composite_alarm": Pricer("CloudWatch", _composite),
    "aws_cloudwatch_dashboard": Pricer("CloudWatch", _dashboard),
}
