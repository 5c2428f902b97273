"""ECS tasks without interfaces of their own: they use those of the instances they run on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stackproof.analysis.network import Network, tcp
from stackproof.verdict import Undecided

from .conftest import Base
from .sketch import Handle


def cluster(base: Base, mappings: list[dict[str, Any]], mode: str = "bridge", *, offered: bool = False) -> Network:
    sketch = base.sketch
    balancer_group, hosts = base.group("balancer"), base.group("hosts")
    base.let_in(balancer_group, "in", cidr_ipv4="0.0.0.0/0")
    base.let_out(balancer_group, "out", protocol="-1", cidr_ipv4="0.0.0.0/0")
    base.let_in(hosts, "from_balancer", protocol="-1", referenced_security_group_id=balancer_group.id)
    balancer = sketch.add("aws_lb.web", subnets=[base.public.id], security_groups=[balancer_group.id])
    targets = sketch.add(
        "aws_lb_target_group.web", port=80, protocol="HTTP", target_type="instance", vpc_id=base.vpc.id
    )
    sketch.add(
        "aws_lb_listener.web",
        load_balancer_arn=balancer.arn,
        port=443,
        protocol="HTTPS",
        default_action=[{"type": "forward", "target_group_arn": targets.arn}],
    )
    launch = sketch.add("aws_launch_template.host", name="host", vpc_security_group_ids=[hosts.id])
    group = sketch.add(
        "aws_autoscaling_group.host", vpc_zone_identifier=[base.private.id], launch_template=[{"id": launch.id}]
    )
    own = sketch.add("aws_ecs_cluster.main", name="main")
    hosting = [{"auto_scaling_group_arn": group.arn}]
    provider = sketch.add("aws_ecs_capacity_provider.host", name="host", auto_scaling_group_provider=hosting)
    definition = sketch.add(
        "aws_ecs_task_definition.app",
        family="app",
        network_mode=mode,
        container_definitions=json.dumps([{"name": "app", "portMappings": mappings}]),
    )
    named = {"capacity_provider_strategy": [{"capacity_provider": provider["name"]}]}
    if offered:
        sketch.add(
            "aws_ecs_cluster_capacity_providers.main",
            cluster_name=own["name"],
            capacity_providers=[provider["name"]],
        )
        named = {}
    sketch.add(
        "aws_ecs_service.app",
        cluster=own.id,
        task_definition=definition.arn,
        load_balancer=[{"target_group_arn": targets.arn, "container_name": "app", "container_port": 80}],
        **named,
    )
    return Network(sketch.stack())


TASKS = "aws_ecs_service.app"


@pytest.mark.parametrize("offered", [True, False])
def test_a_fixed_host_port_is_where_the_load_balancer_sends(base: Base, offered: bool) -> None:
    network = cluster(base, [{"containerPort": 80, "hostPort": 8888}], offered=offered)
    assert network.paths("aws_lb.web", TASKS).only(tcp(8888))
    assert network.reachable_from_internet().forwarded.only({TASKS: tcp(443)})


def test_without_a_host_port_docker_chooses_one(base: Base) -> None:
    network = cluster(base, [{"containerPort": 80, "hostPort": 0}])
    assert network.paths("aws_lb.web", TASKS).only(tcp((32768, 65535)))


def test_in_host_mode_ports_are_the_same(base: Base) -> None:
    network = cluster(base, [{"containerPort": 80}], mode="host")
    assert network.paths("aws_lb.web", TASKS).only(tcp(80))


def test_a_container_that_does_not_publish_the_port_receives_nothing(base: Base) -> None:
    network = cluster(base, [{"containerPort": 81, "hostPort": 81}])
    assert not network.paths("aws_lb.web", TASKS)


def test_tasks_on_instances_that_nobody_knows_are_undecided(base: Base) -> None:
    cluster(base, [{"containerPort": 80, "hostPort": 80}])
    base.sketch.resources[TASKS]["capacity_provider_strategy"] = []
    network = Network(base.sketch.stack())
    with pytest.raises(Undecided, match="on which instances"):
        bool(network.paths("aws_lb.web", TASKS))


def test_definitions_that_are_unknown_leave_ports_undecided(base: Base) -> None:
    cluster(base, [{"containerPort": 80, "hostPort": 80}])
    base.sketch.hide(Handle("aws_ecs_task_definition.app"), "container_definitions")
    paths = Network(base.sketch.stack()).paths("aws_lb.web", TASKS)
    with pytest.raises(Undecided, match="container_definitions"):
        bool(paths)
