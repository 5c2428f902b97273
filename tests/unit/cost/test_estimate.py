from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from stackproof.analysis.cost import BudgetCheck, bundled_sheet, estimate
from stackproof.analysis.cost.comparison import compare
from stackproof.analysis.cost.ranges import Range
from stackproof.analysis.cost.savings import savings
from stackproof.errors import BudgetExceeded
from stackproof.verdict import Undecided, Verdict

from .conftest import Costs, Round
from .plans import LATER, Ref, plan
from .test_containers import SERVICE, TASK

Cost = Callable[..., Costs]


def test_a_type_without_prices_is_named_and_a_free_one_told_apart(costs: Cost) -> None:
    found = costs({"aws_opensearch_domain.this": {}, "aws_vpc.this": {}, "terraform_data.this": {}})
    assert found.gaps == ["unpriced: no prices are known for aws_opensearch_domain"]
    assert set(found.estimate.free) == {"aws_vpc.this", "terraform_data.this"}
    assert not found.estimate.is_complete
    assert found.estimate.total == Range(Decimal(0), Decimal(0))


def test_what_is_deleted_costs_nothing(costs: Cost) -> None:
    actions = {"aws_eip.old": ["delete"], "aws_eip.kept": ["no-op"]}
    found = costs({"aws_eip.old": {}, "aws_eip.kept": {}}, actions=actions)
    assert list(found.estimate.by_resource()) == ["aws_eip.kept"]


def test_instances_of_count_are_charged_each(costs: Cost) -> None:
    found = costs({"aws_eip.this[0]": {}, "aws_eip.this[1]": {}})
    assert found.estimate.by_resource() == {
        "aws_eip.this[0]": Range.exactly(730),
        "aws_eip.this[1]": Range.exactly(730),
    }
    assert found.estimate.by_service() == {"VPC": Range.exactly(1460)}


@pytest.mark.parametrize(
    ("options", "region"),
    [
        ({"region": "eu-west-1"}, "eu-west-1"),
        ({"region": "var.where", "variables": {"where": "ap-south-1"}}, "ap-south-1"),
        ({"region": "local.where"}, "us-east-1"),
        ({"region": None}, "us-east-1"),
    ],
)
def test_prices_are_those_of_the_region(options: dict[str, Any], region: str) -> None:
    prices = Round()
    found = estimate(plan({"aws_eip.this": {}}, **options), prices)
    assert prices.asked == [("ipv4.hour", region)]
    assert bool(found.notes) == (region == "us-east-1")


def test_a_zone_tells_the_region_where_the_provider_does_not() -> None:
    prices = Round()
    found = estimate(
        plan({"aws_subnet.this": {"availability_zone": "eu-central-1b"}, "aws_eip.this": {}}, region="local.where"),
        prices,
    )
    assert prices.asked == [("ipv4.hour", "eu-central-1")]
    assert not found.notes


def test_a_region_of_its_own_counts_more_than_the_provider() -> None:
    prices = Round()
    estimate(plan({"aws_eip.this": {"region": "eu-north-1"}}), prices)
    assert prices.asked == [("ipv4.hour", "eu-north-1")]


def test_a_budget_fails_passes_or_stays_undecided(costs: Cost) -> None:
    exact = costs({"aws_eip.this": {}}).estimate
    assert BudgetCheck.of(exact, 730).verdict is Verdict.PASS
    assert BudgetCheck.of(exact, 729.99).verdict is Verdict.FAIL
    rotated = costs({"aws_kms_key.this": {"enable_key_rotation": True}}, '[[assume]]\nof = "aws_kms_key"\ncalls = 0')
    assert BudgetCheck.of(rotated.estimate, 2).verdict is Verdict.UNDECIDED
    assert BudgetCheck.of(rotated.estimate, 3).verdict is Verdict.PASS
    incomplete = costs({"aws_eip.this": {}, "aws_opensearch_domain.this": {}}).estimate
    assert BudgetCheck.of(incomplete, 10_000).verdict is Verdict.UNDECIDED
    endless = costs({"aws_ecs_task_definition.this": TASK, "aws_ecs_service.this": {**SERVICE, "desired_count": LATER}})
    assert BudgetCheck.of(endless.estimate, 10_000).verdict is Verdict.UNDECIDED


def test_a_broken_budget_says_by_how_much_and_what_is_dear(costs: Cost) -> None:
    check = BudgetCheck.of(costs({"aws_eip.this": {}}).estimate, 700)
    with pytest.raises(BudgetExceeded, match=r"dev: costs 730.00 at the least, 30.00 above .* VPC 730.00"):
        check.require()


def test_an_incomplete_estimate_is_undecided_and_says_what_is_left_out(costs: Cost) -> None:
    check = BudgetCheck.of(costs({"aws_opensearch_domain.this": {}}).estimate, 700)
    with pytest.raises(Undecided, match=r"aws_opensearch_domain\.this: unpriced"):
        check.require()


def test_a_change_is_compared_by_service_and_resource(costs: Cost) -> None:
    base = costs({"aws_eip.this[0]": {}, "aws_kms_key.this": {}}).estimate
    head = costs({"aws_eip.this[0]": {}, "aws_eip.this[1]": {}, "aws_opensearch_domain.this": {}}).estimate
    found = compare(base, head)
    assert {one.name: float(one.low) for one in found.services} == {"VPC": 730, "KMS": -1}
    assert {one.name: float(one.low) for one in found.resources} == {"aws_eip.this[1]": 730, "aws_kms_key.this": -1}
    assert found.total.low == 729
    assert found.total.high == 729
    assert found.new_gaps == ["aws_opensearch_domain.this: unpriced: no prices are known for aws_opensearch_domain"]
    assert found.lost_gaps == ["aws_kms_key.this: no assumption: calls"]


def test_a_moved_resource_is_no_difference(costs: Cost) -> None:
    found = compare(
        costs({"aws_eip.old": {}}).estimate, costs({"aws_eip.new": {}}).estimate, {"aws_eip.new": "aws_eip.old"}
    )
    assert not found.resources


def test_without_a_base_everything_is_new(costs: Cost) -> None:
    found = compare(None, costs({"aws_eip.new": {}}).estimate)
    assert found.total.before is None
    assert found.total.low == 730


def zones(count: int) -> dict[str, dict[str, object]]:
    resources: dict[str, dict[str, object]] = {"aws_vpc.this": {}}
    for number in range(count):
        resources[f"aws_subnet.s{number}"] = {"vpc_id": Ref("aws_vpc.this.id")}
        resources[f"aws_eip.e{number}"] = {}
        resources[f"aws_nat_gateway.n{number}"] = {
            "subnet_id": Ref(f"aws_subnet.s{number}.id"),
            "allocation_id": Ref(f"aws_eip.e{number}.id"),
        }
    return resources


def test_one_gateway_instead_of_several_saves_hours_and_addresses() -> None:
    made = plan(zones(3), region="us-east-1")
    (found,) = savings(estimate(made, bundled_sheet()), made.resolved, bundled_sheet())
    assert found.change == "one NAT gateway instead of 3"
    assert float(found.saves.low) == pytest.approx(2 * (0.045 + 0.005) * 730)
    single = plan(zones(1), region="us-east-1")
    assert not savings(estimate(single, bundled_sheet()), single.resolved, bundled_sheet())


def test_arm_is_offered_at_what_it_saves_and_not_twice() -> None:
    def offered(processor: str) -> list[float]:
        task = {**TASK, "runtime_platform": [{"cpu_architecture": processor}]}
        made = plan({"aws_ecs_task_definition.this": task, "aws_ecs_service.this": SERVICE}, region="us-east-1")
        found = savings(estimate(made, bundled_sheet()), made.resolved, bundled_sheet())
        return [float(saving.saves.low) for saving in found]

    assert offered("X86_64") == [pytest.approx(3 * 730 * (0.5 * (0.04048 - 0.03238) + (0.004445 - 0.00356)))]
    assert offered("ARM64") == []


def test_a_gateway_endpoint_is_offered_only_where_one_is_missing(usage_of: Callable[[str], object]) -> None:
    usage = usage_of('[[assume]]\nof = "aws_nat_gateway"\ngb_processed = 100\ngb_sent = 1')

    def offered(**more: Any) -> list[str]:
        made = plan({**zones(1), "aws_s3_bucket.this": {}, **more}, region="us-east-1")
        found = estimate(made, bundled_sheet(), usage)  # type: ignore[arg-type]
        return [saving.change for saving in savings(found, made.resolved, bundled_sheet())]

    assert offered() == ["a gateway endpoint for s3"]
    assert offered(**{"aws_vpc_endpoint.s3": {"service_name": "com.amazonaws.us-east-1.s3"}}) == []
