"""The stack as it would be applied to a real account: named after a run, and within what the settings allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from stackproof.plan import Plan
from stackproof.planner import CacheMode, Planner
from stackproof.sandbox.budget import check_budget
from stackproof.sandbox.runs import naming_variables, new_run
from stackproof.settings import Settings, load_settings

from .conftest import REPOSITORY

LONGEST = {"aws_lb": 32, "aws_lb_target_group": 32, "aws_iam_role": 64}
"""Characters of a name: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
"""


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(REPOSITORY / "pyproject.toml")


@pytest.fixture(scope="module")
def plans(settings: Settings) -> Iterator[list[Plan]]:
    """Every environment under the longest prefix that a run can have."""
    stack = settings.stack("stock-dashboard")
    sandbox = replace(settings.sandbox, prefix="abcdefgh")
    environments = {
        name: replace(found, variables=naming_variables(new_run(stack.name, name, sandbox), sandbox, stack.folder))
        for name, found in stack.environments.items()
    }
    with Planner(settings, replace(stack, environments=environments), cache=CacheMode.OFF) as planner:
        planner.start(environments)
        yield [planner.plan(name) for name in environments]


def test_names_fit_into_what_aws_takes(plans: list[Plan]) -> None:
    for plan in plans:
        for kind, longest in LONGEST.items():
            names = [str(resource["name"]) for resource in plan.resources(kind)]
            assert names
            assert all(name.startswith("abcdefgh-") and len(name) <= longest for name in names)


def test_every_environment_is_within_the_budget(plans: list[Plan], settings: Settings) -> None:
    for plan in plans:
        check_budget(settings.sandbox.budget, [(resource.address, resource.type) for resource in plan.resources()])
