"""Managed services: databases, caches, functions, endpoints."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.analysis.network import ANY, Network, Traffic, tcp
from stackproof.verdict import Undecided

from .conftest import Base
from .sketch import Handle


def network(base: Base) -> Network:
    return Network(base.sketch.stack())


@pytest.fixture
def open_group(base: Base) -> Handle:
    group = base.group("open")
    base.let_in(group, "open", protocol="-1", cidr_ipv4="0.0.0.0/0")
    base.let_out(group, "open", protocol="-1", cidr_ipv4="0.0.0.0/0")
    return group


def subnet_group(base: Base, type_: str = "aws_db_subnet_group", *subnets: Handle) -> Handle:
    return base.sketch.add(f"{type_}.main", name="main", subnet_ids=[subnet.id for subnet in subnets or (base.public,)])


@pytest.mark.parametrize(
    ("engine", "port", "traffic"),
    [
        ("postgres", 6000, tcp(6000)),
        ("postgres", None, tcp(5432)),
        ("aurora-mysql", None, tcp(3306)),
        ("sqlserver-ex", None, tcp(1433)),
        ("something-new", None, ANY),
    ],
)
def test_a_public_database_is_reached_on_its_port(
    base: Base, open_group: Handle, engine: str, port: int | None, traffic: Traffic
) -> None:
    base.sketch.add(
        "aws_db_instance.main",
        engine=engine,
        port=port,
        publicly_accessible=True,
        db_subnet_group_name=subnet_group(base)["name"],
        vpc_security_group_ids=[open_group.id],
    )
    assert network(base).reachable_from_internet().only({"aws_db_instance.main": traffic})


def test_a_database_is_not_public_by_itself(base: Base, open_group: Handle) -> None:
    base.sketch.add(
        "aws_db_instance.main",
        engine="mysql",
        db_subnet_group_name=subnet_group(base)["name"],
        vpc_security_group_ids=[open_group.id],
    )
    exposures = network(base).reachable_from_internet()
    assert not exposures
    assert exposures.latent.only({"aws_db_instance.main": tcp(3306)})


def test_a_clusters_instances_are_public_one_by_one(base: Base, open_group: Handle) -> None:
    cluster = base.sketch.add(
        "aws_rds_cluster.main",
        cluster_identifier="main",
        engine="aurora-postgresql",
        db_subnet_group_name=subnet_group(base)["name"],
        vpc_security_group_ids=[open_group.id],
    )
    for name, public in (("one", True), ("two", False)):
        base.sketch.add(
            f"aws_rds_cluster_instance.{name}",
            cluster_identifier=cluster.id,
            engine="aurora-postgresql",
            publicly_accessible=public,
        )
    assert network(base).reachable_from_internet().only({"aws_rds_cluster_instance.one": tcp(5432)})


@pytest.mark.parametrize(
    ("type_", "arguments", "group_type", "traffic"),
    [
        ("aws_elasticache_replication_group", {"engine": "redis"}, "aws_elasticache_subnet_group", tcp(6379)),
        ("aws_elasticache_cluster", {"engine": "memcached"}, "aws_elasticache_subnet_group", tcp(11211)),
        ("aws_docdb_cluster", {"engine": "docdb"}, "aws_docdb_subnet_group", tcp(27017)),
        ("aws_neptune_cluster", {"engine": "neptune"}, "aws_neptune_subnet_group", tcp(8182)),
        ("aws_redshift_cluster", {"port": 5439, "publicly_accessible": False}, "aws_redshift_subnet_group", tcp(5439)),
    ],
)
def test_stores_are_found_by_their_subnet_group(
    base: Base, open_group: Handle, type_: str, arguments: dict[str, Any], group_type: str, traffic: Traffic
) -> None:
    named = {
        "aws_neptune_cluster": "neptune_subnet_group_name",
        "aws_docdb_cluster": "db_subnet_group_name",
        "aws_redshift_cluster": "cluster_subnet_group_name",
    }.get(type_, "subnet_group_name")
    secured = "security_group_ids" if "elasticache" in type_ else "vpc_security_group_ids"
    groups = subnet_group(base, group_type, base.private)
    base.sketch.add(f"{type_}.main", **{named: groups["name"], secured: [open_group.id]}, **arguments)
    base.instance("client", base.public, open_group)
    answer = network(base)
    assert answer.paths("aws_instance.client", f"{type_}.main").only(traffic)
    assert answer.reachable_from_internet().latent.of(f"{type_}.main").only(traffic)


def test_a_public_data_warehouse_is_reached(base: Base, open_group: Handle) -> None:
    base.sketch.add(
        "aws_redshift_cluster.main",
        port=5439,
        publicly_accessible=True,
        cluster_subnet_group_name=subnet_group(base, "aws_redshift_subnet_group")["name"],
        vpc_security_group_ids=[open_group.id],
    )
    assert network(base).reachable_from_internet().only({"aws_redshift_cluster.main": tcp(5439)})


def test_a_function_sends_and_is_not_sent_to(base: Base, open_group: Handle) -> None:
    base.sketch.add(
        "aws_lambda_function.main",
        vpc_config=[{"subnet_ids": [base.public.id], "security_group_ids": [open_group.id]}],
    )
    base.instance("web", base.private, open_group)
    answer = network(base)
    assert answer.paths("aws_lambda_function.main", "aws_instance.web").only(ANY)
    assert not answer.paths("aws_instance.web", "aws_lambda_function.main")
    exposures = answer.reachable_from_internet()
    assert "aws_lambda_function.main" not in exposures
    assert "aws_lambda_function.main" not in exposures.latent
    assert not answer.ingress("aws_lambda_function.main")


def test_what_is_outside_of_every_vpc_has_no_interface(base: Base) -> None:
    base.sketch.add("aws_lambda_function.main", function_name="main", vpc_config=[])
    base.sketch.add("aws_opensearch_domain.main", domain_name="main", vpc_options=[])
    base.sketch.add("aws_vpc_endpoint.s3", vpc_id=base.vpc.id, service_name="com.amazonaws.eu-west-1.s3")
    assert network(base).addresses == ()


def test_an_interface_endpoint_is_reached_inside(base: Base) -> None:
    own, client = base.group("endpoint"), base.group("client")
    base.let_in(own, "vpc", cidr_ipv4="10.0.0.0/16")
    base.let_out(client, "vpc", cidr_ipv4="10.0.0.0/16")
    base.sketch.add(
        "aws_vpc_endpoint.api",
        vpc_id=base.vpc.id,
        service_name="com.amazonaws.eu-west-1.ecr.api",
        vpc_endpoint_type="Interface",
        subnet_ids=[base.private.id],
        security_group_ids=[own.id],
    )
    base.instance("client", base.public, client)
    answer = network(base)
    assert answer.paths("aws_instance.client", "aws_vpc_endpoint.api").only(tcp(443))
    assert not answer.reachable_from_internet().latent


def test_subnets_and_groups_can_be_tied_to_an_endpoint_apart(base: Base) -> None:
    own, client = base.group("endpoint"), base.group("client")
    base.let_in(own, "vpc", cidr_ipv4="10.0.0.0/16")
    base.let_out(client, "vpc", cidr_ipv4="10.0.0.0/16")
    base.sketch.add("aws_default_security_group.main", vpc_id=base.vpc.id)
    api = base.sketch.add(
        "aws_vpc_endpoint.api",
        vpc_id=base.vpc.id,
        service_name="com.amazonaws.eu-west-1.ecr.api",
        vpc_endpoint_type="Interface",
    )
    base.instance("client", base.public, client)
    base.sketch.add("aws_vpc_endpoint_subnet_association.api", vpc_endpoint_id=api.id, subnet_id=base.private.id)
    assert not network(base).paths("aws_instance.client", api.address)
    base.sketch.add("aws_vpc_endpoint_security_group_association.api", vpc_endpoint_id=api.id, security_group_id=own.id)
    assert network(base).paths("aws_instance.client", api.address).only(tcp(443))
    assert not network(base).unmodelled


def test_where_a_database_stands_by_default_is_not_known(base: Base, open_group: Handle) -> None:
    base.sketch.add(
        "aws_db_instance.main", engine="mysql", publicly_accessible=True, vpc_security_group_ids=[open_group.id]
    )
    with pytest.raises(Undecided, match=r"aws_db_instance\.main: db_subnet_group_name"):
        bool(network(base).reachable_from_internet())
