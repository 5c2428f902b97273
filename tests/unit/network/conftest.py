"""Stacks to start from: a VPC with a public and a private subnet, and what usually stands in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .sketch import FORMS, Handle, Sketch


@pytest.fixture(params=FORMS)
def sketch(request: pytest.FixtureRequest, tmp_path: Path) -> Sketch:
    """An empty sketch, in each form."""
    return Sketch(tmp_path, request.param)


@dataclass(frozen=True)
class Base:
    """A VPC whose public subnet has a route to an internet gateway, and whose private one has none."""

    sketch: Sketch
    vpc: Handle
    gateway: Handle
    public: Handle
    private: Handle
    public_table: Handle
    private_table: Handle

    def group(self, name: str) -> Handle:
        """A security group without rules."""
        return self.sketch.add(f"aws_security_group.{name}", vpc_id=self.vpc.id)

    def let_in(
        self, group: Handle, name: str, protocol: str = "tcp", ports: tuple[int, int] = (443, 443), **peer: Any
    ) -> Handle:
        """An ingress rule; `peer` is `cidr_ipv4`, `referenced_security_group_id` and the like."""
        return self._rule("ingress", group, name, protocol, ports, peer)

    def let_out(
        self, group: Handle, name: str, protocol: str = "tcp", ports: tuple[int, int] = (443, 443), **peer: Any
    ) -> Handle:
        """An egress rule."""
        return self._rule("egress", group, name, protocol, ports, peer)

    def instance(self, name: str, subnet: Handle, *groups: Handle, public: bool = False) -> Handle:
        """An instance in a subnet, behind groups."""
        return self.sketch.add(
            f"aws_instance.{name}",
            subnet_id=subnet.id,
            vpc_security_group_ids=[group.id for group in groups],
            associate_public_ip_address=public,
        )

    def _rule(
        self, direction: str, group: Handle, name: str, protocol: str, ports: tuple[int, int], peer: dict[str, Any]
    ) -> Handle:
        numbers = {} if protocol == "-1" else {"from_port": ports[0], "to_port": ports[1]}
        return self.sketch.add(
            f"aws_vpc_security_group_{direction}_rule.{name}",
            security_group_id=group.id,
            ip_protocol=protocol,
            **numbers,
            **peer,
        )


@pytest.fixture
def base(sketch: Sketch) -> Base:
    """A VPC with a public and a private subnet."""
    vpc = sketch.add("aws_vpc.main", cidr_block="10.0.0.0/16")
    gateway = sketch.add("aws_internet_gateway.main", vpc_id=vpc.id)
    public = sketch.add("aws_subnet.public", vpc_id=vpc.id, cidr_block="10.0.1.0/24")
    private = sketch.add("aws_subnet.private", vpc_id=vpc.id, cidr_block="10.0.2.0/24")
    public_table = sketch.add("aws_route_table.public", vpc_id=vpc.id)
    private_table = sketch.add("aws_route_table.private", vpc_id=vpc.id)
    sketch.add(
        "aws_route.internet",
        route_table_id=public_table.id,
        destination_cidr_block="0.0.0.0/0",
        gateway_id=gateway.id,
    )
    sketch.add("aws_route_table_association.public", subnet_id=public.id, route_table_id=public_table.id)
    sketch.add("aws_route_table_association.private", subnet_id=private.id, route_table_id=private_table.id)
    return Base(sketch, vpc, gateway, public, private, public_table, private_table)


@dataclass(frozen=True)
class Service:
    """A load balancer in the public subnet, tasks behind it in the private one, and NAT for them."""

    base: Base
    balancer: Handle
    balancer_group: Handle
    target_group: Handle
    tasks: Handle
    tasks_group: Handle
    nat: Handle


@pytest.fixture
def service(base: Base) -> Service:
    """What a web service usually is."""
    sketch = base.sketch
    balancer_group, tasks_group = base.group("balancer"), base.group("tasks")
    base.let_in(balancer_group, "internet", cidr_ipv4="0.0.0.0/0")
    base.let_out(balancer_group, "tasks", ports=(8080, 8080), referenced_security_group_id=tasks_group.id)
    base.let_in(tasks_group, "balancer", ports=(8080, 8080), referenced_security_group_id=balancer_group.id)
    base.let_out(tasks_group, "https", cidr_ipv4="0.0.0.0/0")
    balancer = sketch.add(
        "aws_lb.main",
        load_balancer_type="application",
        subnets=[base.public.id],
        security_groups=[balancer_group.id],
    )
    target_group = sketch.add(
        "aws_lb_target_group.tasks", port=8080, protocol="HTTP", target_type="ip", vpc_id=base.vpc.id
    )
    sketch.add(
        "aws_lb_listener.https",
        load_balancer_arn=balancer.arn,
        port=443,
        protocol="HTTPS",
        default_action=[{"type": "forward", "target_group_arn": target_group.arn}],
    )
    tasks = sketch.add(
        "aws_ecs_service.tasks",
        network_configuration=[
            {"subnets": [base.private.id], "security_groups": [tasks_group.id], "assign_public_ip": False}
        ],
        load_balancer=[{"target_group_arn": target_group.arn, "container_name": "app", "container_port": 8080}],
    )
    nat = sketch.add("aws_nat_gateway.main", subnet_id=base.public.id, connectivity_type="public")
    sketch.add(
        "aws_route.nat",
        route_table_id=base.private_table.id,
        destination_cidr_block="0.0.0.0/0",
        nat_gateway_id=nat.id,
    )
    return Service(base, balancer, balancer_group, target_group, tasks, tasks_group, nat)
