"""Networks: load balancers, NAT gateways, public addresses, endpoints, VPNs, zones.

https://aws.amazon.com/elasticloadbalancing/pricing/, https://aws.amazon.com/vpc/pricing/
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from stackproof.analysis.cost.bill import Bill, Missing
from stackproof.analysis.cost.ranges import Range
from stackproof.analysis.cost.services.pricer import Pricer

MOST_ZONES = 6
"""No region has more: https://aws.amazon.com/about-aws/global-infrastructure/regions_az/."""

NEW_CONNECTIONS = Decimal(25 * 3600)
"""That one capacity unit of an application load balancer takes in an hour; it also takes 1 GB."""

KB_OF_A_GB = Decimal(1024 * 1024)
_KINDS = {"application": "alb", "network": "nlb", "gateway": "gwlb"}


def _load_balancer(bill: Bill) -> None:
    name = bill.text("load_balancer_type", "application")
    kind = _KINDS.get(name or "")
    if kind is None:
        return
    bill.hourly(f"{name} load balancer", f"{kind}.hour")
    requests, size = bill.figure("requests"), bill.figure("kb_per_request")
    traffic = requests.value * size.value / KB_OF_A_GB if requests and size else Decimal(0)
    units = max(traffic, requests.value / NEW_CONNECTIONS) if requests and kind == "alb" else traffic
    bill.monthly("capacity units", f"{kind}.lcu", Range.exactly(units), by=(requests, size))
    if kind != "gwlb" and bill.flag("internal") is False:
        zones = _public_addresses(bill)
        bill.hourly("public IPv4 addresses", "ipv4.hour", zones, basis=f"one in {_zones(zones)}, at the least")
        bill.monthly("data to the internet", "internet.gb", Range.exactly(traffic), by=(requests, size))


def _public_addresses(bill: Bill) -> Range:
    mapped = bill.items("subnet_mapping")
    if mapped:
        # an elastic address is charged by itself
        return Range.exactly(sum(item.get("allocation_id") is None for item in mapped))
    return _subnets(bill, "subnets")


def _subnets(bill: Bill, path: str) -> Range:
    """In how many subnets something stands: between one and one in each zone, where nothing tells."""
    listed, wiring = bill.items(path), bill.resource.wired(path)
    if listed:
        return Range.exactly(len(listed))
    # one reference to a data source may stand for several
    if wiring.complete and wiring.feeds and all(_is_subnet(bill, feed.address) for feed in wiring):
        count = Decimal(len(wiring.addresses))
        return Range(count if wiring.exact else Decimal(1), count)
    return Range(Decimal(1), Decimal(MOST_ZONES))


def _is_subnet(bill: Bill, address: str) -> bool:
    return address in bill.stack and bill.stack[address].mode == "managed" and bill.stack[address].type == "aws_subnet"


def _zones(count: Range) -> str:
    return f"each of {count.low:f} subnets" if count.is_exact else f"each of {count.low:f} to {count.high:f} subnets"


def _nat_gateway(bill: Bill) -> None:
    bill.hourly("NAT gateway", "nat.hour")
    bill.used("data processed", "nat.gb", "gb_processed")
    if bill.text("connectivity_type", "public") == "public":
        bill.used("data to the internet", "internet.gb", "gb_sent")


def _address(bill: Bill) -> None:
    bill.hourly("public IPv4 address", "ipv4.hour")


def _endpoint(bill: Bill) -> None:
    kind = bill.text("vpc_endpoint_type", "Gateway")
    if kind is None or kind == "Gateway":
        return
    zones = _subnets(bill, "subnet_ids")
    bill.hourly(f"{kind} endpoint", "endpoint.hour", zones, basis=f"one in {_zones(zones)}")
    bill.used("data processed", "endpoint.gb", "gb_processed")


def _vpn(bill: Bill) -> None:
    bill.hourly("VPN connection", "vpn.hour")


def _zone(bill: Bill) -> None:
    bill.monthly("hosted zone", "route53.zone")
    bill.used("queries", "route53.queries", "queries", per=1_000_000)


def _private_namespace(bill: Bill) -> None:
    bill.monthly("hosted zone that the namespace makes", "route53.zone")


def _firewall(bill: Bill) -> None:
    bill.monthly("web ACL", "waf.acl")
    rules = bill.items("rule")
    if rules is None:
        bill.gap(Missing.UNDECIDED, "rule: how many there are")
    elif rules:
        bill.monthly("rules", "waf.rule", Range.exactly(len(rules)))
    bill.used("requests", "waf.requests", "requests", per=1_000_000)


_TRAFFIC = {"requests": "requests", "kb_per_request": "KB of an answer, on average"}
_PROCESSED = {"gb_processed": "GB that go through it, both ways"}
_QUERIES = {"queries": "DNS queries"}

PRICERS: Mapping[str, Pricer] = {
    "aws_lb": Pricer("Load balancing", _load_balancer, _TRAFFIC),
    "aws_alb": Pricer("Load balancing", _load_balancer, _TRAFFIC),
    "aws_nat_gateway": Pricer("VPC", _nat_gateway, {**_PROCESSED, "gb_sent": "GB of them that leave for the internet"}),
    "aws_eip": Pricer("VPC", _address),
    "aws_vpc_endpoint": Pricer("VPC", _endpoint, _PROCESSED),
    "aws_vpn_connection": Pricer("VPC", _vpn),
    "aws_route53_zone": Pricer("Route 53", _zone, _QUERIES),
    "aws_service_discovery_private_dns_namespace": Pricer("Route 53", _private_namespace),
    "aws_service_discovery_public_dns_namespace": Pricer("Route 53", _private_namespace),
    "aws_wafv2_web_acl": Pricer("WAF", _firewall, {"requests": "requests that it inspects"}),
}
