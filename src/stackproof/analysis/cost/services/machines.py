"""Machines: instances, groups of them, volumes, databases.

https://aws.amazon.com/ec2/pricing/on-demand/, https://aws.amazon.com/ebs/pricing/, https://aws.amazon.com/rds/pricing/
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from stackproof.analysis.cost.bill import Bill, Missing
from stackproof.analysis.cost.ranges import ONE, Range
from stackproof.analysis.cost.services.pricer import Pricer
from stackproof.plan.values import Value, Withheld

_TEMPLATE = "aws_launch_template"
_ENGINES = ("postgres", "mysql", "mariadb")
_SYSTEM = "on demand, Linux: the image does not tell its licence"


def _instance(bill: Bill) -> None:
    name = bill.text("instance_type")
    if name is not None:
        bill.hourly("instance", f"ec2.{name}", basis=f"{name} {_SYSTEM}")
    if bill.flag("associate_public_ip_address"):
        bill.hourly("public IPv4 address", "ipv4.hour")
    _volume_of(bill, "root_block_device[0].volume_type", "root_block_device[0].volume_size", "root volume")


def _group(bill: Bill) -> None:
    low, high = bill.number("min_size"), bill.number("max_size")
    count = Range(low.low, high.high)
    if bill.items("mixed_instances_policy"):
        bill.gap(Missing.UNPRICED, "a mix of instance types and of Spot")
        return
    feeds = (*bill.resource.wired("launch_template[0].id"), *bill.resource.wired("launch_template[0].name"))
    addresses = dict.fromkeys(feed.address for feed in feeds if feed.address in bill.stack)
    templates = [bill.stack[address] for address in addresses if bill.stack[address].type == _TEMPLATE]
    name: Value = templates[0].get("instance_type") if len(templates) == 1 else None
    if not isinstance(name, str):
        bill.gap(Missing.UNDECIDED, "which type its instances are of")
        return
    basis = f"{count.low:f} to {count.high if count.high is not None else 'any number'} of {name}, {_SYSTEM}"
    bill.hourly("instances", f"ec2.{name}", count, basis=basis)
    bill.gap(Missing.UNPRICED, "volumes of its instances")


def _volume(bill: Bill) -> None:
    _volume_of(bill, "type", "size", "volume")


def _volume_of(bill: Bill, kind_path: str, size_path: str, part: str) -> None:
    size, kind = bill.value(size_path), bill.value(kind_path, "gp2")
    if isinstance(size, Withheld) or size is None or isinstance(kind, Withheld):
        bill.gap(Missing.UNDECIDED, f"{part}: its size or type is the image's or the account's default")
        return
    bill.monthly(part, f"ebs.{kind}.gb", ONE * Decimal(str(size)), basis=f"{size} GB of {kind}")


def _database(bill: Bill) -> None:
    name, engine = bill.text("instance_class"), bill.text("engine")
    zones = bill.value("multi_az", False)
    copies = Range(Decimal(1), Decimal(2)) if isinstance(zones, Withheld) else ONE * (2 if zones else 1)
    if engine is not None and engine not in _ENGINES:
        bill.gap(Missing.UNPRICED, f"databases of {engine}")
    elif name is not None and engine is not None:
        bill.hourly("database", f"rds.{name}", copies, basis=f"{name}, {engine}, {_copies(copies)}")
    storage = bill.number("allocated_storage", least=20)
    if bill.text("storage_type", "gp2") in ("gp2", "gp3"):
        bill.monthly("storage", "rds.storage.gb", copies * storage, basis=f"as allocated at first, {_copies(copies)}")
    else:
        bill.gap(Missing.UNPRICED, "storage of another type than gp2 and gp3")


def _copies(count: Range) -> str:
    if not count.is_exact:
        return "in one zone or two"
    return "in two zones" if count.low > 1 else "in one zone"


PRICERS: Mapping[str, Pricer] = {
    "aws_instance": Pricer("EC2", _instance),
    "aws_autoscaling_group": Pricer("EC2", _group),
    "aws_ebs_volume": Pricer("EC2", _volume),
    "aws_db_instance": Pricer("RDS", _database),
}
