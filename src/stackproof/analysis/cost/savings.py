"""What could be cheaper, as far as a plan tells: each with what it saves, and what is given up for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stackproof.analysis.cost.bill import Line
from stackproof.analysis.cost.estimate import Estimate
from stackproof.analysis.cost.prices import Prices
from stackproof.analysis.cost.ranges import Range
from stackproof.plan import Resource, Stack

NAT = "aws_nat_gateway"
X86 = "fargate.x86."
GATEWAYS = ("s3", "dynamodb")
"""The services that have endpoints without a price: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html."""


@dataclass(frozen=True)
class Saving:
    """A change, the resources that it is about, US dollars a month that it saves, and at what price otherwise."""

    change: str
    resources: tuple[str, ...]
    saves: Range
    but: str

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON data."""
        return {
            "change": self.change,
            "resources": list(self.resources),
            "saves": self.saves.as_dict(),
            "but": self.but,
        }


def savings(estimate: Estimate, stack: Stack, prices: Prices) -> Sequence[Saving]:
    """What could be cheaper in a stack that was estimated, the most first."""
    found = [*_fewer_gateways(estimate, stack), *_graviton(estimate, prices), *_endpoints(estimate, stack)]
    return sorted(found, key=lambda saving: -(saving.saves.high or saving.saves.low))


def _fewer_gateways(estimate: Estimate, stack: Stack) -> Iterator[Saving]:
    """One NAT gateway for all zones of a VPC, and one address less for each that goes."""
    by_vpc: dict[str, list[Resource]] = defaultdict(list)
    for gateway in stack.resources(NAT):
        vpcs = {vpc for subnet in _feeding(stack, gateway, "subnet_id") for vpc in subnet.wired("vpc_id").addresses}
        by_vpc[",".join(sorted(vpcs))].append(gateway)
    for gateways in by_vpc.values():
        if len(gateways) < 2:
            continue
        spare = gateways[1:]
        going = {gateway.address for gateway in spare}
        going |= {eip.address for gateway in spare for eip in _feeding(stack, gateway, "allocation_id")}
        hours = [line for line in estimate.lines if line.address in going and line.price.unit == "hour"]
        if hours:
            yield Saving(
                f"one NAT gateway instead of {len(gateways)}",
                tuple(gateway.address for gateway in gateways),
                _sum(hours),
                "with its zone all of them lose the internet, and traffic between zones is charged",
            )


def _graviton(estimate: Estimate, prices: Prices) -> Iterator[Saving]:
    """Fargate on ARM is about a fifth cheaper; of Spot on ARM no price is known here."""
    by_service: dict[str, list[tuple[Line, Range]]] = defaultdict(list)
    for line in estimate.lines:
        if line.price.key.startswith(X86) and ".spot" not in line.price.key:
            other = prices.price(line.price.key.replace(X86, "fargate.arm."), line.price.region)
            if other is not None and other.amount < line.price.amount:
                by_service[line.address].append((line, line.quantity * (line.price.amount - other.amount)))
    for address, lines in by_service.items():
        low, *others = [saved for _, saved in lines]
        yield Saving(
            "ARM64 tasks instead of X86_64",
            (address,),
            sum(others, low),
            "the image must be built for linux/arm64",
        )


def _endpoints(estimate: Estimate, stack: Stack) -> Iterator[Saving]:
    """Gateway endpoints cost nothing, and keep traffic off NAT gateways, which charge for each GB."""
    gateways = [gateway.address for gateway in stack.resources(NAT)]
    processed = [line for line in estimate.lines if line.address in gateways and line.price.key == "nat.gb"]
    if not processed:
        return
    there = [str(endpoint.get("service_name")) for endpoint in stack.resources("aws_vpc_endpoint")]
    for service in GATEWAYS:
        if not any(name.endswith(f".{service}") for name in there) and _uses(stack, service):
            most = _sum(processed).high
            yield Saving(
                f"a gateway endpoint for {service}",
                tuple(gateways),
                Range(_sum(processed).low * 0, most),
                f"it saves as much as goes to {service}: all that is assumed to be processed, at the most",
            )


def _uses(stack: Stack, service: str) -> bool:
    kinds = {"s3": ("aws_s3_bucket", "aws_ecr_repository"), "dynamodb": ("aws_dynamodb_table",)}
    return any(stack.resources(kind) for kind in kinds[service])


def _feeding(stack: Stack, resource: Resource, path: str) -> list[Resource]:
    return [stack[address] for address in resource.wired(path).addresses if address in stack]


def _sum(lines: Sequence[Line]) -> Range:
    first, *others = [line.cost for line in lines]
    return sum(others, first)
