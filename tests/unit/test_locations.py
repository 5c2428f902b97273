"""Regions and accounts are those of the provider configurations, as far as a plan and its HCL tell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from stackproof.plan.resolution.arns import UNKNOWN_ACCOUNT, UNKNOWN_REGION, Location
from stackproof.plan.resolution.locations import Locations
from stackproof.plan.source import Sources

HERE = Location("aws", "us-east-1", "123456789012")
RESOURCE = {"mode": "managed", "type": "aws_vpc", "name": "this"}


def location(
    provider: Mapping[str, Any] | None = None,
    *,
    key: str = "aws",
    region: str | None = HERE.region,
    account: str | None = HERE.account,
    sources: Sources | None = None,
    **document: Any,
) -> Location:
    """Where a resource with that provider configuration is."""
    configuration = {
        "provider_config": {key: {"name": "aws", "expressions": provider or {}}},
        "root_module": {"resources": [{**RESOURCE, "provider_config_key": key}]},
    }
    whole = {"configuration": configuration, **document}
    return Locations(whole, sources, region=region, account=account).of(RESOURCE)


def constant(value: object) -> dict[str, Any]:
    return {"constant_value": value}


def state(*resources: Mapping[str, Any]) -> dict[str, Any]:
    return {"values": {"root_module": {"resources": resources}}}


def read(type: str, **values: Any) -> dict[str, Any]:
    return {"mode": "data", "type": type, "name": "this", "values": values}


def test_a_provider_that_says_nothing_works_where_the_caller_does() -> None:
    assert location() == HERE
    assert location(region=None, account=None) == Location("aws", UNKNOWN_REGION, UNKNOWN_ACCOUNT)


def test_a_region_is_taken_from_the_configuration() -> None:
    assert location({"region": constant("eu-west-1")}).region == "eu-west-1"


def test_a_region_from_a_variable_is_the_variable_s_value() -> None:
    written = {"region": {"references": ["var.region"]}}
    assert location(written, variables={"region": {"value": "eu-west-1"}}).region == UNKNOWN_REGION
    assert location({"region": constant(None)}).region == HERE.region


@pytest.mark.parametrize(
    ("region", "references", "expected"),
    [
        ("local.region", ["local.region"], "eu-north-1"),
        ("var.region", ["var.region"], "eu-west-1"),
        ("var.nothing", ["var.nothing"], HERE.region),
        ('lookup(local.regions, "far", "")', ["local.regions"], "ap-south-1"),
        ('"${var.continent}-west-3"', ["var.continent"], "eu-west-3"),
        ("local.regions[terraform.workspace]", ["local.regions", "terraform.workspace"], UNKNOWN_REGION),
        ("data.aws_vpc.this.region", ["data.aws_vpc.this.region", "data.aws_vpc.this"], UNKNOWN_REGION),
    ],
)
def test_a_region_that_is_computed_is_evaluated(
    tmp_path: Path, region: str, references: list[str], expected: str
) -> None:
    (tmp_path / "main.tf").write_text(
        'provider "other" {\n  region = "xx-other-1"\n}\nprovider "aws" {\n  alias  = "far"\n  region = "xx-far-1"\n}\n'
        f'provider "aws" {{\n  region = {region}\n}}\n'
        'locals {\n  region = "eu-north-1"\n  regions = { far = "ap-south-1" }\n}\n',
        encoding="utf-8",
    )
    variables = {"region": {"value": "eu-west-1"}, "continent": {"value": "eu"}, "nothing": {"value": None}}
    sources = Sources(tmp_path, {"": "."})
    found = location({"region": {"references": references}}, sources=sources, variables=variables)
    assert found.region == expected


def test_a_region_is_known_from_a_data_source_that_was_read_there() -> None:
    written = {"region": {"references": ["module.a.region"]}}
    told = read("aws_region", name="eu-west-1")
    document: dict[str, Any] = {
        "configuration": {
            "provider_config": {"aws.far": {"name": "aws", "alias": "far", "expressions": written}},
            "root_module": {"resources": [{**RESOURCE, "provider_config_key": "aws.far"}, told]},
        },
        "prior_state": state(told),
    }
    assert Locations(document, None, region="us-east-1", account=None).of(RESOURCE).region == UNKNOWN_REGION
    told["provider_config_key"] = "aws.far"
    assert Locations(document, None, region="us-east-1", account=None).of(RESOURCE).region == "eu-west-1"


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-west-1", "aws")]
)
def test_a_partition_is_known_by_its_regions(region: str, partition: str) -> None:
    assert location({"region": constant(region)}).partition == partition


def test_a_partition_is_what_a_data_source_says() -> None:
    document = {
        "configuration": {"root_module": {"resources": [RESOURCE, read("aws_partition")]}},
        "prior_state": state(read("aws_partition", partition="aws-iso")),
    }
    assert Locations(document, None, region="eu-west-1", account=None).of(RESOURCE).partition == "aws-iso"


@pytest.mark.parametrize("kind", ["assume_role", "assume_role_with_web_identity"])
def test_the_account_is_the_one_of_the_role_that_is_assumed(kind: str) -> None:
    role = {"role_arn": constant("arn:aws:iam::111122223333:role/deploy")}
    assert location({kind: [role]}).account == "111122223333"
    assert location({kind: [{"role_arn": {"references": ["data.a.b.arn", "data.a.b"]}}]}).account == UNKNOWN_ACCOUNT
    assert location({kind: [{"role_arn": constant(None)}]}).account == HERE.account


def test_of_several_roles_the_last_is_the_one_that_works() -> None:
    roles = [{"role_arn": constant(f"arn:aws:iam::{account}:role/a")} for account in ("111122223333", "444455556666")]
    assert location({"assume_role": roles}).account == "444455556666"


def test_the_account_is_the_one_that_a_data_source_was_read_in() -> None:
    document = {
        "configuration": {"root_module": {"resources": [RESOURCE, read("aws_caller_identity")]}},
        "prior_state": state(read("aws_caller_identity", account_id="111122223333")),
    }
    assert Locations(document, None, region=None, account=None).of(RESOURCE).account == "111122223333"


def test_what_is_not_configured_any_more_tells_nothing() -> None:
    gone = {**RESOURCE, "name": "gone", "values": {"arn": "arn:aws:ec2:eu-west-1:1:vpc/vpc-1"}}
    assert location(account=None, prior_state=state(gone)).account == UNKNOWN_ACCOUNT


def test_the_account_is_known_from_what_is_there_already() -> None:
    there = [{**RESOURCE, "values": {"arn": f"arn:aws:ec2:eu-west-1:{number}:vpc/vpc-1"}} for number in (1, 2)]
    assert location(account=None, prior_state=state(there[0])).account == "1"
    assert location(account=None, prior_state=state(*there)).account == UNKNOWN_ACCOUNT
    assert location(account=None, prior_state=state({**RESOURCE, "values": {"arn": "arn:aws:s3:::a"}})).account == (
        UNKNOWN_ACCOUNT
    )


def test_the_caller_s_account_is_not_taken_for_that_of_another_identity() -> None:
    configuration: dict[str, Any] = {
        "provider_config": {
            "aws": {"name": "aws"},
            "aws.region": {"name": "aws", "alias": "region", "expressions": {"region": constant("eu-west-1")}},
            "aws.profile": {"name": "aws", "alias": "profile", "expressions": {"profile": constant("other")}},
        },
        "root_module": {"resources": [read("aws_caller_identity")]},
    }
    document = {
        "configuration": configuration,
        "prior_state": state(read("aws_caller_identity", account_id="111122223333")),
    }
    locations = Locations(document, None, region=None, account=None)
    assert locations.of_provider("aws.region").account == "111122223333"
    assert locations.of_provider("aws.profile").account == UNKNOWN_ACCOUNT


def test_a_module_s_resources_are_where_the_provider_works_that_it_is_given() -> None:
    module = {"resources": [{**RESOURCE, "provider_config_key": "module.a:aws"}]}
    document = {
        "configuration": {
            "provider_config": {
                "module.a:aws": {
                    "name": "aws",
                    "module_address": "module.a",
                    "expressions": {"region": constant("eu-west-1")},
                }
            },
            "root_module": {"resources": [RESOURCE], "module_calls": {"a": {"module": module}}},
        }
    }
    locations = Locations(document, None, region="us-east-1", account=None)
    assert locations.of({**RESOURCE, "module_address": 'module.a["x"]'}).region == "eu-west-1"
    assert locations.of(RESOURCE).region == "us-east-1"
