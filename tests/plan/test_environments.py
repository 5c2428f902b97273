"""The environments: what each is, and that they differ in nothing else."""

import re
from collections.abc import Mapping
from itertools import combinations

import pytest

from stackproof import Plan, Stack
from stackproof.analysis.wiring import crossings
from stackproof.plan import Action, ResolvedStack

from . import written
from .policies import arn

DIFFERENT = {
    "environment",
    "vpc_cidr",
    "single_nat_gateway",
    "task_cpu",
    "task_memory",
    "min_tasks",
    "max_tasks",
    "deletion_protection",
    "secret_recovery_window_days",
}
"""The variables in which environments may differ; terraform/README.md has a row for each."""

HOLDS_DATA = {
    "aws_ecr_repository",
    "aws_kms_key",
    "aws_lb",
    "aws_s3_bucket",
    "aws_secretsmanager_secret",
}
"""What deletion protection is for: an apply must not delete or replace one of these in prod."""


def kinds(plan: Plan) -> set[tuple[str, str, str]]:
    """What a plan has, whatever the number."""
    return {(resource.module, resource.type, resource.name) for resource in plan}


def documented(environment: str, row: str) -> str:
    """What the table of differences in terraform/README.md says of an environment."""
    table = re.search(r"^\| +\|.+\n\|[-| ]+\n(?:\|.+\n)+", written.root().readme, re.MULTILINE)
    assert table, "terraform/README.md has no table of differences"
    header, _, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table[0].splitlines()]
    cells = {name: values for name, *values in rows}
    assert row in cells, f"terraform/README.md has no row {row!r} among its differences"
    return cells[row][header[1:].index(environment)]


@pytest.mark.requirement("ENV-1")
def test_every_environment_has_variables_of_its_own(plan: Plan) -> None:
    assert (written.TERRAFORM / "environments" / f"{plan.environment}.tfvars").is_file()
    assert plan.variables["environment"] == plan.environment


@pytest.mark.requirement("ENV-2")
@pytest.mark.environment("dev")
def test_dev_runs_one_small_task(stack: Stack) -> None:
    task = stack.resource("aws_ecs_task_definition")
    assert stack.resource("aws_ecs_service")["desired_count"] == 1
    assert (task["cpu"], task["memory"]) == ("256", "512")


@pytest.mark.requirement("ENV-3")
@pytest.mark.environment("dev")
def test_dev_has_one_nat_gateway(stack: Stack) -> None:
    assert len(stack.resources("aws_nat_gateway")) == 1


@pytest.mark.requirement("ENV-4")
@pytest.mark.environment("staging")
def test_staging_runs_one_task(stack: Stack) -> None:
    assert stack.resource("aws_ecs_service")["desired_count"] == 1


@pytest.mark.requirement("ENV-4")
@pytest.mark.environment("staging", "prod")
def test_staging_tasks_are_of_the_same_size_as_those_in_prod(stack: Stack) -> None:
    task = stack.resource("aws_ecs_task_definition")
    assert (task["cpu"], task["memory"]) == ("512", "1024")


@pytest.mark.requirement("ENV-5")
@pytest.mark.environment("prod")
def test_prod_runs_at_least_2_tasks_in_two_zones_with_two_ways_out(stack: Stack) -> None:
    assert stack.resource("aws_appautoscaling_target")["min_capacity"] == 2
    assert stack.resource("aws_ecs_service")["availability_zone_rebalancing"] == "ENABLED"
    assert len(stack.resources("aws_nat_gateway")) == 2


@pytest.mark.requirement("ENV-6")
@pytest.mark.environment("prod")
def test_prod_protects_the_load_balancer_from_deletion(stack: Stack) -> None:
    assert stack.resource("aws_lb")["enable_deletion_protection"]


@pytest.mark.requirement("ENV-7")
@pytest.mark.environment("prod")
def test_prod_never_empties_what_is_to_be_deleted(stack: Stack) -> None:
    for bucket in stack.resources("aws_s3_bucket"):
        assert not bucket["force_destroy"]
    assert not stack.resource("aws_ecr_repository")["force_delete"]


@pytest.mark.requirement("ENV-8")
@pytest.mark.environment("prod")
def test_prod_can_restore_a_deleted_key_or_secret_for_30_days(stack: Stack) -> None:
    assert stack.resource("aws_kms_key")["deletion_window_in_days"] == 30
    for secret in stack.resources("aws_secretsmanager_secret"):
        assert secret["recovery_window_in_days"] == 30


@pytest.mark.requirement("ENV-9")
@pytest.mark.environment("prod")
def test_no_plan_for_prod_deletes_or_replaces_what_holds_data(plan: Plan) -> None:
    lost = [address for address, change in plan.changes.items() if change.action in (Action.DELETE, Action.REPLACE)]
    assert not [address for address in lost if any(f"{kind}." in address for kind in HOLDS_DATA)]


@pytest.mark.requirement("ENV-10")
def test_environments_differ_in_nothing_but_what_is_documented(plans: Mapping[str, Plan]) -> None:
    if len(plans) < 2:
        pytest.skip("there is nothing to compare with")
    for one, other in combinations(plans.values(), 2):
        assert {name for name in one.variables if one.variables[name] != other.variables[name]} <= DIFFERENT


@pytest.mark.requirement("ENV-10")
def test_environments_have_the_same_kinds_of_resources(plans: Mapping[str, Plan]) -> None:
    if len(plans) < 2:
        pytest.skip("there is nothing to compare with")
    for one, other in combinations(plans.values(), 2):
        assert kinds(one) == kinds(other)


@pytest.mark.requirement("ENV-11")
def test_readme_says_how_large_a_task_is(plan: Plan) -> None:
    task = plan.resource("aws_ecs_task_definition")
    size = documented(plan.environment, "Task size (CPU units / MiB)")
    assert size == f"{task['cpu']} / {task['memory']}"


@pytest.mark.requirement("ENV-11")
def test_readme_says_how_many_tasks_run(plan: Plan) -> None:
    target = plan.resource("aws_appautoscaling_target")
    tasks = documented(plan.environment, "Tasks (lowest / highest)")
    assert tasks == f"{target['min_capacity']} / {target['max_capacity']}"


@pytest.mark.requirement("ENV-11")
def test_readme_says_how_many_nat_gateways_there_are(plan: Plan) -> None:
    gateways = documented(plan.environment, "NAT gateways")
    assert int(gateways.split(",")[0]) == len(plan.resources("aws_nat_gateway"))


@pytest.mark.requirement("ENV-11")
def test_readme_says_which_range_the_vpc_has(plan: Plan) -> None:
    assert plan.resource("aws_vpc")["cidr_block"] == documented(plan.environment, "VPC range")


@pytest.mark.requirement("ENV-11")
def test_readme_says_what_destroy_does(plan: Plan) -> None:
    destroy = documented(plan.environment, "`terraform destroy`")
    assert destroy.startswith("Refuses" if plan.variables["deletion_protection"] else "Empties")


@pytest.mark.requirement("ENV-11")
def test_readme_says_how_long_a_deleted_key_can_be_restored(plan: Plan) -> None:
    days = plan.resource("aws_kms_key")["deletion_window_in_days"]
    assert documented(plan.environment, "A deleted key can be restored for") == f"{days} days"


@pytest.mark.requirement("ENV-11")
def test_readme_says_how_long_a_deleted_secret_can_be_restored(plan: Plan) -> None:
    days = plan.variables["secret_recovery_window_days"]
    window = documented(plan.environment, "A deleted secret can be restored for")
    assert window.startswith(f"{days} days" if days else "Not at all")


@pytest.mark.requirement("ENV-12")
def test_nothing_in_an_environment_is_wired_to_another(resolved_plans: Mapping[str, Stack]) -> None:
    if len(resolved_plans) < 2:
        pytest.skip("there is nothing to compare with")
    assert not [str(crossing) for crossing in crossings(resolved_plans)]


@pytest.mark.requirement("ENV-13")
def test_no_two_environments_make_something_of_the_same_name(resolved_plans: Mapping[str, Stack]) -> None:
    if len(resolved_plans) < 2:
        pytest.skip("there is nothing to compare with")
    for one, other in combinations(resolved_plans.values(), 2):
        named = {arn(resource): resource for resource in one.resources() if isinstance(resource.get("arn"), str)}
        assert len(named) > 10
        for resource in other.resources():
            if isinstance(resource.get("arn"), str):
                assert arn(resource) not in named, f"{resource.address} ({resource.place}) is in {one.environment} too"


@pytest.mark.requirement("ENV-14")
def test_what_a_plan_leaves_open_is_told_by_its_configuration(resolved: ResolvedStack) -> None:
    assert not resolved.reason
