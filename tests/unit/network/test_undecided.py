"""What is not known makes an answer undecided where it matters, and only there."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from stackproof.analysis.network import ANY, INTERNET_NAME, Exposures, Network, tcp
from stackproof.plan import Resource, Stack
from stackproof.plan.provenance import Way
from stackproof.plan.wiring import Feed, Wiring
from stackproof.verdict import Undecided, Verdict

from .conftest import Base, Service
from .sketch import APPLIED, PLANNED, TRACED, Handle


def network(base: Base) -> Network:
    return Network(base.sketch.stack())


def rule(name: str) -> Handle:
    return Handle(f"aws_vpc_security_group_ingress_rule.{name}")


def test_an_unknown_source_may_be_the_internet(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "some", cidr_ipv4="10.0.0.0/8")
    base.instance("web", base.public, group, public=True)
    base.sketch.hide(rule("some"), "cidr_ipv4")
    exposures = network(base).reachable_from_internet()
    with pytest.raises(Undecided, match=r"aws_vpc_security_group_ingress_rule\.some: cidr_ipv4"):
        bool(exposures)
    assert exposures.within({"aws_instance.web": tcp(443)})
    assert not exposures.on(tcp(80))


def test_an_unknown_source_does_not_matter_where_everything_comes_in_already(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "some", cidr_ipv4="10.0.0.0/8")
    base.let_in(group, "all", cidr_ipv4="0.0.0.0/0")
    base.instance("web", base.public, group, public=True)
    base.sketch.hide(rule("some"), "cidr_ipv4")
    exposures = network(base).reachable_from_internet()
    assert exposures.only({"aws_instance.web": tcp(443)})
    assert len(exposures) == 1


def test_a_rule_with_addresses_names_no_group_whatever_feeds_it(base: Base) -> None:
    group = base.group("web")
    base.sketch.add(
        "aws_security_group_rule.https",
        security_group_id=group.id,
        type="ingress",
        protocol="tcp",
        from_port=443,
        to_port=443,
        cidr_blocks=["10.0.0.0/8"],
    )
    base.sketch.hide(Handle("aws_security_group_rule.https"), "source_security_group_id")
    base.instance("web", base.public, group, public=True)
    assert not network(base).reachable_from_internet()


@pytest.mark.parametrize("sketch", [PLANNED, TRACED], indirect=True)
def test_an_id_that_comes_from_something_else_may_be_any(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "some", cidr_ipv4="0.0.0.0/0")
    base.instance("web", base.private, group, public=True)
    elsewhere = base.sketch.add("terraform_data.table")
    base.sketch.resources["aws_route.internet"]["route_table_id"] = elsewhere["output"]
    exposures = network(base).reachable_from_internet()
    assert not exposures.definite
    with pytest.raises(Undecided, match="route_table_id"):
        bool(exposures)


def test_an_unknown_source_does_not_matter_in_a_private_subnet(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "some", cidr_ipv4="10.0.0.0/8")
    base.instance("web", base.private, group, public=True)
    base.sketch.hide(rule("some"), "cidr_ipv4")
    exposures = network(base).reachable_from_internet()
    assert not exposures
    assert exposures.latent.is_undecided


def test_an_unknown_port_may_be_any(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "some", cidr_ipv4="0.0.0.0/0")
    base.instance("web", base.public, group, public=True)
    base.sketch.hide(rule("some"), "from_port")
    exposures = network(base).reachable_from_internet()
    with pytest.raises(Undecided, match="from_port"):
        bool(exposures)
    assert exposures.within({"aws_instance.web": tcp()})


def test_an_unknown_group_may_hold_any_rule(base: Base) -> None:
    group = base.group("web")
    base.instance("web", base.public, group, public=True)
    base.sketch.hide(Handle("aws_instance.web"), "vpc_security_group_ids")
    with pytest.raises(Undecided, match="vpc_security_group_ids"):
        bool(network(base).reachable_from_internet())


def test_blocks_that_are_unknown_are_not_taken_for_none(service: Service) -> None:
    base = service.base
    base.sketch.hide(service.tasks, "load_balancer")
    with pytest.raises(Undecided, match="load_balancer"):
        bool(network(base).paths(INTERNET_NAME, service.tasks.address))
    base.sketch.hide(service.tasks, "network_configuration")
    with pytest.raises(Undecided):
        bool(network(base).ingress(service.tasks.address))


def test_a_function_of_unknown_configuration_may_be_in_a_vpc(base: Base) -> None:
    base.sketch.add("aws_lambda_function.main", function_name="main", vpc_config=[{"subnet_ids": [base.public.id]}])
    base.sketch.hide(Handle("aws_lambda_function.main"), "vpc_config")
    with pytest.raises(Undecided, match="vpc_config"):
        bool(network(base).egress("aws_lambda_function.main"))


def test_whether_a_group_is_without_members_is_open_where_a_group_is_unknown(base: Base) -> None:
    group = base.group("forgotten")
    base.let_in(group, "open", cidr_ipv4="0.0.0.0/0")
    base.instance("web", base.private, base.group("other"))
    assert network(base).reachable_from_internet().latent.of(group.address)
    base.sketch.hide(Handle("aws_instance.web"), "vpc_security_group_ids")
    latent = network(base).reachable_from_internet().latent
    assert not latent.of(group.address)
    assert latent.of("aws_instance.web").is_undecided


def test_a_rule_of_an_unknown_group_may_be_any_groups(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "some", cidr_ipv4="0.0.0.0/0")
    base.instance("web", base.public, base.group("other"), public=True)
    assert not network(base).reachable_from_internet()
    base.sketch.hide(rule("some"), "security_group_id")
    with pytest.raises(Undecided, match="security_group_id"):
        bool(network(base).reachable_from_internet())


def test_a_route_of_an_unknown_table_may_be_any_tables(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "some", cidr_ipv4="0.0.0.0/0")
    base.instance("web", base.private, group, public=True)
    assert not network(base).reachable_from_internet()
    base.sketch.hide(Handle("aws_route.internet"), "route_table_id")
    with pytest.raises(Undecided, match="route_table_id"):
        bool(network(base).reachable_from_internet())


def test_an_association_of_an_unknown_subnet_may_be_any_subnets(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "some", cidr_ipv4="0.0.0.0/0")
    plain = base.sketch.add("aws_subnet.plain", vpc_id=base.vpc.id, cidr_block="10.0.9.0/24")
    base.instance("web", plain, group, public=True)
    base.instance("settled", base.private, group, public=True)
    assert not network(base).reachable_from_internet()
    base.sketch.hide(Handle("aws_route_table_association.public"), "subnet_id")
    exposures = network(base).reachable_from_internet()
    with pytest.raises(Undecided, match="subnet_id"):
        bool(exposures.of("aws_instance.web"))
    # a subnet has one association
    assert not exposures.of("aws_instance.settled")


def test_an_unknown_public_address_leaves_it_undecided(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "some", cidr_ipv4="0.0.0.0/0")
    base.instance("web", base.public, group)
    base.sketch.hide(Handle("aws_instance.web"), "associate_public_ip_address")
    with pytest.raises(Undecided, match="associate_public_ip_address"):
        bool(network(base).reachable_from_internet())


def test_an_unknown_acl_rule_leaves_undecided_only_what_it_may_match(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "some", protocol="-1", cidr_ipv4="0.0.0.0/0")
    base.instance("web", base.public, group, public=True)
    own = base.sketch.add("aws_network_acl.main", vpc_id=base.vpc.id, subnet_ids=[base.public.id])
    common = {"network_acl_id": own.id, "cidr_block": "0.0.0.0/0"}
    allow = {**common, "rule_action": "allow", "protocol": "-1"}
    base.sketch.add("aws_network_acl_rule.out", egress=True, rule_number=1, **allow)
    base.sketch.add("aws_network_acl_rule.in", egress=False, rule_number=9, **allow)
    deny = {**common, "rule_action": "deny", "protocol": "tcp", "from_port": 22, "to_port": 22}
    base.sketch.add("aws_network_acl_rule.ssh", egress=False, rule_number=5, **deny)
    assert network(base).reachable_from_internet().only({"aws_instance.web": ANY - tcp(22)})
    base.sketch.hide(Handle("aws_network_acl_rule.ssh"), "rule_action")
    exposures = network(base).reachable_from_internet()
    assert exposures.on(tcp(80))
    with pytest.raises(Undecided, match="rule_action"):
        bool(exposures.on(tcp(22)))


def test_a_denial_of_unknown_addresses_leaves_undecided_what_it_may_deny(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "some", protocol="-1", cidr_ipv4="0.0.0.0/0")
    base.instance("web", base.public, group, public=True)
    own = base.sketch.add("aws_network_acl.main", vpc_id=base.vpc.id, subnet_ids=[base.public.id])
    allow = {"network_acl_id": own.id, "cidr_block": "0.0.0.0/0", "rule_action": "allow", "protocol": "-1"}
    base.sketch.add("aws_network_acl_rule.out", egress=True, rule_number=1, **allow)
    base.sketch.add("aws_network_acl_rule.in", egress=False, rule_number=9, **allow)
    deny = {**allow, "rule_action": "deny", "protocol": "tcp", "from_port": 22, "to_port": 22}
    base.sketch.add("aws_network_acl_rule.ssh", egress=False, rule_number=5, **deny)
    base.sketch.hide(Handle("aws_network_acl_rule.ssh"), "cidr_block")
    exposures = network(base).reachable_from_internet()
    assert exposures.on(tcp(80))
    with pytest.raises(Undecided, match="cidr_block"):
        bool(exposures.on(tcp(22)))


def test_the_acls_of_a_foreign_vpc_are_not_known(base: Base) -> None:
    sketch = base.sketch
    old = sketch.add("data.aws_vpc.old", id="vpc-old", cidr_block="10.9.0.0/16", main_route_table_id="rtb-old")
    table = sketch.add("aws_route_table.old", vpc_id=old.id)
    group = sketch.add("aws_security_group.old", vpc_id=old.id)
    base.let_in(group, "all", protocol="-1", cidr_ipv4="10.9.0.0/16")
    base.let_out(group, "all", protocol="-1", cidr_ipv4="10.9.0.0/16")
    for number in (1, 2):
        subnet = sketch.add(f"aws_subnet.old{number}", vpc_id=old.id, cidr_block=f"10.9.{number}.0/24")
        sketch.add(f"aws_route_table_association.old{number}", subnet_id=subnet.id, route_table_id=table.id)
        base.instance(f"old{number}", subnet, group)
        base.instance(f"same{number}", subnet, group)
    answer = network(base)
    with pytest.raises(Undecided, match="default network ACL"):
        bool(answer.paths("aws_instance.old1", "aws_instance.old2"))
    assert answer.paths("aws_instance.old1", "aws_instance.same1").only(ANY)
    base.let_out(group, "itself", referenced_security_group_id=group.id)
    with pytest.raises(Undecided, match="network ACL"):
        bool(network(base).egress("aws_instance.old1").of(group.address))


def test_an_unknown_association_may_leave_the_main_table_to_a_subnet(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "some", cidr_ipv4="0.0.0.0/0")
    base.instance("web", base.private, group, public=True)
    base.sketch.add("aws_main_route_table_association.main", vpc_id=base.vpc.id, route_table_id=base.public_table.id)
    assert not network(base).reachable_from_internet()
    base.sketch.hide(Handle("aws_route_table_association.private"), "subnet_id")
    del base.sketch.resources["aws_route_table_association.public"]
    with pytest.raises(Undecided, match="subnet_id"):
        bool(network(base).reachable_from_internet())


def test_a_listener_of_an_unknown_load_balancer_may_be_any_ones(service: Service) -> None:
    service.base.sketch.hide(Handle("aws_lb_listener.https"), "load_balancer_arn")
    exposures = network(service.base).reachable_from_internet()
    with pytest.raises(Undecided, match="load_balancer_arn"):
        bool(exposures)
    assert exposures.within({service.balancer.address: tcp(443)})


def test_a_target_of_an_unknown_group_may_be_in_any(service: Service) -> None:
    base = service.base
    base.instance("web", base.private, service.tasks_group)
    base.sketch.add(
        "aws_lb_target_group_attachment.web",
        target_group_arn=service.target_group.arn,
        target_id=Handle("aws_instance.web").id,
    )
    assert network(base).paths(INTERNET_NAME, "aws_instance.web").only(tcp(443))
    base.sketch.hide(Handle("aws_lb_target_group_attachment.web"), "target_group_arn")
    with pytest.raises(Undecided, match="target_group_arn"):
        bool(network(base).paths(INTERNET_NAME, "aws_instance.web"))


def test_an_unknown_target_may_be_anything(service: Service) -> None:
    base = service.base
    base.instance("web", base.private, service.tasks_group)
    base.sketch.add(
        "aws_lb_target_group_attachment.web",
        target_group_arn=service.target_group.arn,
        target_id=Handle("aws_instance.web").id,
    )
    base.sketch.hide(Handle("aws_lb_target_group_attachment.web"), "target_id")
    with pytest.raises(Undecided, match="target_id"):
        bool(network(base).paths(INTERNET_NAME, "aws_instance.web"))


def test_which_of_several_gateways_a_route_takes_stays_open(service: Service) -> None:
    base = service.base
    other = base.sketch.add("aws_nat_gateway.other", subnet_id=base.public.id, connectivity_type="public")
    base.sketch.add(
        "aws_route.other",
        route_table_id=base.private_table.id,
        destination_cidr_block="0.0.0.0/0",
        nat_gateway_id=other.id,
    )
    for name in ("nat", "other"):
        base.sketch.hide(Handle(f"aws_route.{name}"), "route_table_id")
    egress = network(base).egress(service.tasks.address).of(INTERNET_NAME)
    for gateway in (service.nat, other):
        assert egress.within({gateway.address: tcp(443)}).verdict is Verdict.UNDECIDED
    assert egress.within({INTERNET_NAME: tcp(443)})


def test_what_stands_in_a_foreign_subnet_is_undecided(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "some", cidr_ipv4="0.0.0.0/0")
    base.sketch.add(
        "aws_instance.web",
        subnet_id="subnet-12345678",
        vpc_security_group_ids=[group.id],
        associate_public_ip_address=True,
    )
    exposures = network(base).reachable_from_internet()
    with pytest.raises(Undecided, match="subnet-12345678"):
        bool(exposures)
    assert exposures.within({"aws_instance.web": tcp(443)})


def test_a_subnet_that_a_data_source_tells_of_has_addresses_and_unknown_routes(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "some", cidr_ipv4="0.0.0.0/0")
    base.sketch.add("data.aws_vpc.old", id="vpc-old", cidr_block="10.9.0.0/16", main_route_table_id="rtb-old")
    old = base.sketch.add(
        "data.aws_subnet.old",
        id="subnet-old",
        vpc_id="vpc-old",
        cidr_block="10.9.1.0/24",
        map_public_ip_on_launch=False,
    )
    base.instance("web", old, group, public=True)
    exposures = network(base).reachable_from_internet()
    with pytest.raises(Undecided, match="routes are not in this stack"):
        bool(exposures)
    assert exposures.possible[0].sources == ("0.0.0.0/0",)


def test_the_rules_of_a_foreign_group_are_undecided(base: Base) -> None:
    base.sketch.add(
        "aws_instance.web",
        subnet_id=base.public.id,
        vpc_security_group_ids=["sg-12345678"],
        associate_public_ip_address=True,
    )
    with pytest.raises(Undecided, match="sg-12345678"):
        bool(network(base).reachable_from_internet())


def test_a_definite_counterexample_decides_before_anything_undecided(service: Service) -> None:
    base = service.base
    base.instance("web", base.public, service.balancer_group, public=True)
    base.instance("other", base.public, service.balancer_group)
    base.sketch.hide(Handle("aws_instance.other"), "associate_public_ip_address")
    exposures = network(base).reachable_from_internet()
    assert not exposures.only({service.balancer.address: tcp(443)})
    assert not all(exposure.address == service.balancer.address for exposure in exposures)


@dataclass(frozen=True)
class Wires:
    """Wires that know of one subnet argument only."""

    known: Wiring

    def wiring(self, resource: Resource, path: str) -> Wiring:
        return self.known if (resource.address, path) == ("aws_instance.web", "subnet_id") else Wiring(())

    def ways(self, resource: Resource, path: str) -> tuple[Way, ...]:  # noqa: ARG002
        return ()

    def arguments(self, resource: Resource) -> tuple[str, ...]:  # noqa: ARG002
        return ()


@pytest.mark.parametrize("sketch", [APPLIED], indirect=True)
def test_a_superset_of_feeds_is_possible_and_never_certain(base: Base) -> None:
    group = base.group("web")
    base.let_in(group, "some", cidr_ipv4="0.0.0.0/0")
    base.instance("web", base.private, group, public=True)
    base.sketch.unknown.add(("aws_instance.web", "subnet_id"))
    known = base.sketch.stack()

    def asked(wiring: Wiring) -> Exposures:
        wires = Wires(wiring)
        stack = Stack("test", [each.resolved(*each.raw_values[:2], read=None, wires=wires) for each in known], {})
        return Network(stack).reachable_from_internet()

    public, private = Feed(base.public.address, "id"), Feed(base.private.address, "id")
    superset = asked(Wiring((public, private), exact=False, reason="which of them it is, is not known"))
    assert not superset.definite
    assert superset.possible[0].doubts[0].reason == "which of them it is, is not known"
    assert asked(Wiring((public,))).definite
    assert not asked(Wiring((private,)))
    # something that feeds it is not known, so that it may be any subnet
    assert asked(Wiring((private,), exact=False, complete=False)).is_undecided


def test_what_is_certain_by_one_subnet_is_certain_whatever_another_is(service: Service) -> None:
    base = service.base
    base.sketch.resources[service.balancer.address]["subnets"] = ["subnet-12345678", base.public.id]
    answer = network(base)
    assert len(answer.reachable_from_internet()) == 1
    assert len(answer.reachable_from_internet().forwarded) == 1
    assert len(answer.ingress(service.balancer.address)) == 1


def test_egress_to_something_unknown_is_undecided(service: Service) -> None:
    service.base.sketch.hide(Handle("aws_route.nat"), "nat_gateway_id")
    egress = network(service.base).egress(service.tasks.address)
    assert egress.of(service.base.vpc.address)
    with pytest.raises(Undecided):
        bool(egress.of(INTERNET_NAME))
    assert egress.within(tcp(443))
