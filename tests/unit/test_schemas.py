"""What resource types compute is asked of the providers once, and kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stackproof.errors import TerraformError
from stackproof.terraform.plan_cache import PlanCache
from stackproof.terraform.providers import Package
from stackproof.terraform.runner import Terraform
from stackproof.terraform.schemas import read_schemas

PACKAGES = [Package("registry.terraform.io/hashicorp/aws", "5.100.0", Path("nowhere"))]

SAID = {
    "provider_schemas": {
        "registry.terraform.io/hashicorp/aws": {
            "resource_schemas": {
                "aws_vpc": {
                    "block": {
                        "attributes": {
                            "arn": {"type": "string", "computed": True},
                            "cidr_block": {"type": "string", "optional": True, "computed": True},
                            "tags": {"type": ["map", "string"], "optional": True},
                            "nested": {"nested_type": {}, "computed": True},
                        }
                    }
                },
                "aws_nothing": {"block": {}},
            },
            "data_source_schemas": {"aws_vpc": {"block": {"attributes": {"id": {"type": "string", "computed": True}}}}},
        }
    }
}


class Told(Terraform):
    """A Terraform whose providers say this."""

    def __init__(self, said: object) -> None:
        self._said = json.dumps(said)
        self.asked = 0

    def providers_schema(self) -> str:
        self.asked += 1
        return self._said


@pytest.fixture
def cache(tmp_path: Path) -> PlanCache:
    return PlanCache(tmp_path / "schemas")


def test_only_what_is_computed_is_told_with_its_type(cache: PlanCache) -> None:
    schemas = read_schemas(Told(SAID), PACKAGES, cache)
    assert schemas.computed("managed", "aws_vpc") == {"arn": "string", "cidr_block": "string", "nested": "dynamic"}
    assert schemas.computed("data", "aws_vpc") == {"id": "string"}
    assert schemas.computed("managed", "aws_nothing") == {}


def test_a_type_that_computes_nothing_is_described_and_another_is_not(cache: PlanCache) -> None:
    schemas = read_schemas(Told(SAID), PACKAGES, cache)
    assert schemas.describe("aws_nothing")
    assert schemas.describe("terraform_data")
    assert not schemas.describe("aws_other")


def test_the_providers_are_asked_once_for_each_of_their_versions(cache: PlanCache) -> None:
    terraform = Told(SAID)
    first, again = (read_schemas(terraform, PACKAGES, cache) for _ in range(2))
    assert terraform.asked == 1
    assert first.computed("managed", "aws_vpc") == again.computed("managed", "aws_vpc")
    assert again.describe("aws_nothing")
    read_schemas(terraform, [Package(PACKAGES[0].address, "6.0.0", Path("nowhere"))], cache)
    read_schemas(terraform, [*PACKAGES, Package("registry.terraform.io/hashicorp/null", "1.0.0", Path())], cache)
    assert terraform.asked == 3


def test_what_is_kept_and_damaged_is_asked_again(cache: PlanCache, tmp_path: Path) -> None:
    terraform = Told(SAID)
    read_schemas(terraform, PACKAGES, cache)
    (entry,) = (tmp_path / "schemas").glob("*.plan")
    entry.write_bytes(entry.read_bytes()[:-1])
    assert read_schemas(terraform, PACKAGES, cache).describe("aws_vpc")
    assert terraform.asked == 2


def test_schemas_that_cannot_be_kept_are_used_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "schemas").write_text("no folder", encoding="utf-8")
    assert read_schemas(Told(SAID), PACKAGES, PlanCache(tmp_path / "schemas")).describe("aws_vpc")


def test_providers_that_describe_nothing_are_an_error(cache: PlanCache) -> None:
    with pytest.raises(TerraformError, match=r"terraform providers schema: the providers describe no resource types"):
        read_schemas(Told({"format_version": "1.0"}), PACKAGES, cache)


def test_terraform_s_own_resource_type_is_always_among_them(
    terraform_in: Callable[[Path], Terraform], stack_of: Callable[[str], Path], cache: PlanCache
) -> None:
    terraform = terraform_in(stack_of("tiny"))
    terraform.init()
    (provider,) = json.loads(terraform.providers_schema())["provider_schemas"].values()
    attributes = provider["resource_schemas"]["terraform_data"]["block"]["attributes"]
    computed = {name: attribute["type"] for name, attribute in attributes.items() if attribute.get("computed")}
    asked = [Told(SAID), Told(SAID)]
    for packages, told in zip(((), PACKAGES), asked, strict=True):
        assert read_schemas(told, packages, cache).computed("managed", "terraform_data") == computed
    assert [told.asked for told in asked] == [0, 1]
