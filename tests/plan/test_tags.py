"""The tags that every resource carries."""

import pytest

from stackproof import Plan, Stack


@pytest.mark.requirement("TAG-1")
def test_every_resource_says_its_project(stack: Stack) -> None:
    for resource in stack.resources():
        if "tags_all" in resource.values:
            assert resource.get('tags_all["Project"]') == "stock-dashboard"


@pytest.mark.requirement("TAG-2")
def test_every_resource_says_its_environment(stack: Stack) -> None:
    for resource in stack.resources():
        if "tags_all" in resource.values:
            assert resource.get('tags_all["Environment"]') == stack.environment


@pytest.mark.requirement("TAG-3")
def test_every_resource_says_that_terraform_manages_it(stack: Stack) -> None:
    for resource in stack.resources():
        if "tags_all" in resource.values:
            assert resource.get('tags_all["ManagedBy"]') == "terraform"


@pytest.mark.requirement("TAG-4")
def test_provider_gives_those_tags_and_no_resource_does(plan: Plan) -> None:
    default = plan.document["configuration"]["provider_config"]["aws"]["expressions"]["default_tags"]
    assert len(default) == 1
    for resource in plan.resources():
        assert not {"Project", "Environment", "ManagedBy"} & set(resource.get("tags", {}))
