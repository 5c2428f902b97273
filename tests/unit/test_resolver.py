"""Terraform and the AWS provider evaluate a configuration with tokens, and nothing is made of it anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from stackproof.plan import ResolvedStack
from stackproof.plan.values import Sensitive, Unknown, Value
from stackproof.plan.wiring import Traced
from stackproof.settings import Environment
from stackproof.verdict import Undecided

if TYPE_CHECKING:
    from tests.unit.conftest import Evaluated

SECRET = "correct-horse-battery-staple"

Evaluate = Callable[[str, Mapping[str, Environment]], "Evaluated"]


@pytest.fixture(scope="module")
def evaluated(evaluate: Evaluate) -> Evaluated:
    """The stack `evaluated` in two environments."""
    variables = {name: {"name": name, "secret": SECRET} for name in ("dev", "prod")}
    return evaluate("evaluated", {name: Environment(name, variables=given) for name, given in variables.items()})


@pytest.fixture(scope="module")
def dev(evaluated: Evaluated) -> ResolvedStack:
    return evaluated.stacks["dev"]


def text(value: Value) -> str:
    assert isinstance(value, Traced)
    return str.__str__(value)


def test_both_environments_are_resolved(evaluated: Evaluated) -> None:
    assert {name: stack.reason for name, stack in evaluated.stacks.items()} == {"dev": "", "prod": ""}


VPC = r"vpc-0[0-9a-f]{16}"
GROUP = r"sg-0[0-9a-f]{16}"
ROLE = "arn:aws:iam::123456789012:role/service/dev-task"

TRACED = {
    "upper": (rf"ARN:AWS:EC2:EU-WEST-1:123456789012:VPC/{VPC.upper()}", "aws_vpc.this.arn"),
    "split": (VPC, "aws_vpc.this.arn"),
    "found": (VPC, "aws_vpc.this.id"),
    "json": (
        rf'\{{"objects":\["arn:aws:s3:::dev-logs/\*"\],"role":"{ROLE}"\}}',
        "aws_s3_bucket.named.arn, aws_iam_role.this.arn",
    ),
    "format": (rf'dev-logs="{VPC}"', "aws_s3_bucket.named.id, aws_vpc.this.id"),
    "join": (f"{VPC},{GROUP}", "aws_vpc.this.id, aws_security_group.other.id"),
    "replace": ("arn:aws:logs:eu-west-1:123456789012!/app/dev", "aws_cloudwatch_log_group.this.arn"),
    "template": (f'#!/bin/sh\nexport ROLE="{ROLE}"\n', "aws_iam_role.this.arn"),
    "url": (ROLE.replace(":", "%3A").replace("/", "%2F"), "aws_iam_role.this.arn"),
    "name": (r"other-[0-9a-f]{16}", "aws_security_group.other.name"),
    "bucket": (r"dev-[0-9a-f]{16}", "aws_s3_bucket.prefixed.id"),
    "suffix": (r"app/dev-front/[0-9a-f]{16}", "aws_lb.this.arn_suffix"),
    "vpc": (VPC, "aws_vpc.this.id"),
    "owner": (
        f"arn:aws:ec2:eu-west-1:123456789012:x/{GROUP}",
        "aws_security_group.other.id, aws_vpc.this.owner_id",
    ),
    "data": (f"arn:aws:ec2:eu-west-1:123456789012:vpc/{VPC}", "data.aws_vpc.late.arn"),
    "module": (GROUP, 'module.net["b c"].aws_security_group.this.id'),
    "chosen": (ROLE, "aws_iam_role.this.arn"),
}


@pytest.mark.parametrize("name", TRACED)
def test_what_is_made_of_ids_and_arns_is_told_and_traced(dev: ResolvedStack, name: str) -> None:
    resource = dev["terraform_data.traced"]
    shown, feeds = TRACED[name]
    assert re.fullmatch(shown, text(resource["input"][name]))
    wiring = resource.wired(f"input.{name}")
    assert repr(wiring) == f"fed by {feeds}"
    assert wiring.is_exactly(*feeds.split(", "))


def test_what_is_encoded_is_traced_too(dev: ResolvedStack) -> None:
    assert dev["terraform_data.traced"].wired("input.base64").is_exactly("aws_iam_role.this")
    assert dev["aws_launch_template.this"].wired("user_data").is_exactly("aws_iam_role.this.arn")


def test_the_same_attribute_is_the_same_text_everywhere(dev: ResolvedStack) -> None:
    told = dev["terraform_data.traced"]["input"]
    vpc = dev["aws_vpc.this"]
    assert told["vpc"] == vpc["id"] == dev["aws_subnet.this[1]"]["vpc_id"] == dev["aws_security_group.this"]["vpc_id"]
    assert text(vpc["arn"]).endswith(f":vpc/{text(vpc['id'])}")
    assert told["bucket"] == dev["aws_s3_bucket.prefixed"]["bucket"]
    assert told["module"] == dev['module.net["b c"].aws_security_group.this']["id"]
    assert told["module"] != dev['module.net["a"].aws_security_group.this']["id"]


def test_lists_over_modules_have_the_ids_of_their_instances(dev: ResolvedStack) -> None:
    wiring = dev["terraform_data.traced"].wired("input.tuple")
    assert wiring.is_exactly('module.net["a"].aws_security_group.this', 'module.net["b c"].aws_security_group.this')


def test_what_is_known_at_plan_stays_as_it_is(dev: ResolvedStack) -> None:
    assert dev["terraform_data.traced"]["input.known"] == "10.0.0.4"
    assert dev["aws_autoscaling_group.this"]["health_check_grace_period"] == 60
    assert dev["aws_lb.this"]["idle_timeout"] == 60
    assert dev["aws_vpc.this"]["tags_all"] == {"Environment": "dev"}
    assert dev.data_source("aws_caller_identity")["account_id"] == "123456789012"


UNDECIDED = {
    "compared": "aws_vpc.this.id",
    "counted": "aws_vpc.this.arn",
    "hashed": "aws_vpc.this.arn",
    "both": "aws_vpc.this.id, aws_iam_role.this.arn",
    "counts": "aws_vpc.this.id, aws_iam_role.this.arn",
    "piece": "aws_vpc.this.id",
    "backward": "aws_vpc.this.id",
    "twice": "aws_vpc.this.arn",
    "zipped": "aws_vpc.this.arn",
    "version": "aws_launch_template.this.id, aws_launch_template.this.latest_version",
    "default": "aws_lb.this.id, aws_lb.this.idle_timeout",
    "indirect": "aws_ssm_parameter.hashed.name, aws_vpc.this.id",
    "owner": "aws_vpc.this.owner_id",
    "hash": "data.aws_iam_policy_document.this.id",
    "many": "aws_lb.this.subnet_mapping, aws_vpc.this.id",
    "either": "",
}


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_hides_the_token_stays_unknown_and_is_wired(dev: ResolvedStack, name: str) -> None:
    resource = dev["terraform_data.undecided"]
    assert isinstance(resource["input"][name], Unknown)
    feeds = {str(feed) for feed in resource.wired(f"input.{name}")}
    assert feeds == set(filter(None, UNDECIDED[name].split(", ")))


def test_a_resolved_value_compares_only_with_another(dev: ResolvedStack) -> None:
    with pytest.raises(Undecided, match=r"aws_vpc\.this: id is undecided"):
        assert dev["aws_vpc.this"]["id"] == "vpc-1"


def test_each_block_of_a_set_is_completed_with_its_own_ids(dev: ResolvedStack) -> None:
    group = dev["aws_security_group.this"]
    other, third = dev["aws_security_group.other"]["id"], dev["aws_security_group.third"]["id"]
    found = {rule["description"]: (rule["from_port"], set(rule["security_groups"])) for rule in group["ingress"]}
    assert found == {"all known": (22, set()), "http": (80, {other}), "https": (443, {other, third})}
    assert group.wired("ingress").is_exactly("aws_security_group.other", "aws_security_group.third")


@pytest.mark.parametrize(
    ("address", "path", "feeds"),
    [
        ("aws_lb.this", "subnets", ["aws_subnet.this"]),
        ("aws_lb.this", "security_groups", ["aws_security_group.this", "aws_security_group.other"]),
        ("aws_autoscaling_group.this", "vpc_zone_identifier", ["aws_subnet.this[0]", "aws_subnet.this[1]"]),
    ],
)
def test_sets_that_are_unknown_as_a_whole_are_told(
    dev: ResolvedStack, address: str, path: str, feeds: list[str]
) -> None:
    assert len({text(item) for item in dev[address][path]}) == 2
    assert dev[address].wired(path).is_exactly(feeds)


def test_a_block_keeps_what_its_other_parts_leave_open(dev: ResolvedStack) -> None:
    template = dev["aws_autoscaling_group.this"]["launch_template[0]"]
    assert template["id"] == dev["aws_launch_template.this"]["id"]
    assert isinstance(template["version"], Unknown)


def test_a_policy_document_is_computed_with_its_tokens(dev: ResolvedStack) -> None:
    policy = dev['aws_iam_policy.this["this"]']
    assert set(policy.document("policy")["Statement"][0]["Resource"]) == {
        Traced("arn:aws:s3:::dev-logs/*", (), "", ""),
        dev["aws_s3_bucket.prefixed"]["arn"],
    }
    assert policy.wired("policy").is_exactly(
        "aws_s3_bucket.named.arn", "aws_s3_bucket.prefixed.arn", "data.aws_iam_policy_document.this.json"
    )


def test_a_policy_document_that_is_read_late_but_has_no_tokens_is_known(dev: ResolvedStack) -> None:
    policy = dev['aws_iam_policy.this["late"]']
    assert policy.document("policy")["Statement"][0]["Action"] == "s3:ListAllMyBuckets"
    assert policy["policy"] == dev["data.aws_iam_policy_document.late"]["json"]


def test_a_policy_document_with_a_hash_of_a_token_in_it_is_not_known(dev: ResolvedStack) -> None:
    assert isinstance(dev['aws_iam_policy.this["hashed"]']["policy"], Unknown)


def test_the_size_of_a_network_that_is_read_later_is_not_made_up(dev: ResolvedStack) -> None:
    assert isinstance(dev.data_source("aws_vpc")["cidr_block"], Unknown)


def test_what_a_provider_decides_for_itself_is_not_told_by_its_token(dev: ResolvedStack) -> None:
    assert isinstance(dev["aws_lb.this"]["ip_address_type"], Unknown)
    assert isinstance(dev["aws_lb.this"]["dns_name"], Traced)


def test_outputs_are_told_as_far_as_tokens_go(dev: ResolvedStack) -> None:
    assert dev.output("vpc") == dev["aws_vpc.this"]["id"]
    assert isinstance(dev.output("counted"), Unknown)
    assert isinstance(dev.output("secret"), Unknown)
    assert dev.output("object")["id"] == dev["aws_vpc.this"]["id"]
    assert dev.output("object")["plain"] == "x"
    assert isinstance(dev.output("object")["length"], Unknown)


def test_environments_have_tokens_of_their_own(evaluated: Evaluated) -> None:
    dev, prod = evaluated.stacks["dev"], evaluated.stacks["prod"]
    assert text(dev["aws_vpc.this"]["id"]) != text(prod["aws_vpc.this"]["id"])
    assert text(prod["aws_iam_role.this"]["arn"]) == ROLE.replace("dev", "prod")
    assert prod["aws_vpc.this"]["tags_all"] == {"Environment": "prod"}


def test_sensitive_values_stay_so_but_their_wiring_is_told(dev: ResolvedStack) -> None:
    parameter, data = dev["aws_ssm_parameter.secret"], dev["terraform_data.secret"]
    assert isinstance(parameter["value"], Sensitive)
    assert parameter.wired("value").is_exactly("aws_lb.this.dns_name")
    assert isinstance(data["input"]["marked"], Sensitive)
    assert data.wired("input.marked").is_exactly("aws_iam_role.this.arn")
    assert data.wired("input.inner").is_exactly("aws_vpc.this.id")


def test_no_sensitive_value_is_in_what_is_kept(evaluated: Evaluated) -> None:
    for plan in evaluated.plans.values():
        assert SECRET not in json.dumps(plan._resolution().as_data())
        assert SECRET not in json.dumps(plan.document)


def test_resolving_changes_nothing_in_the_user_s_folder(evaluated: Evaluated) -> None:
    assert evaluated.after == evaluated.before


def test_resolving_writes_no_state_and_keeps_no_test_file(evaluated: Evaluated) -> None:
    copied = [name for name in evaluated.scratch if "/copy/" in name]
    assert any(name.endswith("main.tf") for name in copied)
    assert [name for name in copied if "tfstate" in name or "tftest" in name] == []


def test_resolving_leaves_neither_files_nor_processes(evaluated: Evaluated) -> None:
    assert evaluated.left == []


@pytest.fixture(scope="module")
def providers(evaluate: Evaluate) -> Evaluated:
    """The stack `providers`."""
    return evaluate("providers", {"dev": Environment("dev")})


def test_each_provider_configuration_has_its_own_plan(providers: Evaluated) -> None:
    plan = providers.plans["dev"]
    tags = {resource.address: resource["tags_all"] for resource in plan.resources()}
    assert tags == {
        "aws_sns_topic.near": {"from": "main"},
        "aws_sns_topic.far": {"from": "far"},
        "module.given.aws_sns_topic.this": {"from": "far"},
        "module.own.aws_sns_topic.this": {"from": "own"},
    }
    assert plan["data.aws_caller_identity.far"]["account_id"] == "111122223333"


def test_arns_have_the_region_and_the_account_of_their_provider_configuration(providers: Evaluated) -> None:
    stack = providers.stacks["dev"]
    assert stack.reason == ""
    assert {resource.address: text(resource["arn"]) for resource in stack.resources()} == {
        "aws_sns_topic.near": "arn:aws:sns:eu-central-1:123456789012:near",
        "aws_sns_topic.far": "arn:aws:sns:us-west-2:111122223333:far",
        "module.given.aws_sns_topic.this": "arn:aws:sns:us-west-2:111122223333:given",
        "module.own.aws_sns_topic.this": "arn:aws:sns:ap-south-1:123456789012:own",
    }


def test_a_data_source_is_computed_with_the_provider_configuration_that_it_has(providers: Evaluated) -> None:
    stack = providers.stacks["dev"]
    assert text(stack.output("region")) == "us-west-2/arn:aws:sns:us-west-2:111122223333:far"


@pytest.fixture(scope="module")
def ephemeral(evaluate: Evaluate) -> Evaluated:
    """The stack `ephemeral`, in an environment that needs an ephemeral resource of AWS, and in one that does not."""
    variables = {name: {"token": SECRET, "asks": name == "asks"} for name in ("asks", "plain")}
    return evaluate("ephemeral", {name: Environment(name, variables=given) for name, given in variables.items()})


def test_an_ephemeral_resource_that_would_ask_aws_is_the_reason(ephemeral: Evaluated) -> None:
    stack = ephemeral.stacks["asks"]
    assert "GetRandomPassword" in stack.reason
    assert "AccessDeniedException: nothing may be read or made while a stack is resolved" in stack.reason
    assert isinstance(stack["terraform_data.this"]["input"], Unknown)
    assert stack["terraform_data.this"].wired("input").is_exactly("aws_ssm_parameter.this.arn")


def test_write_only_arguments_and_checks_with_data_sources_are_evaluated(ephemeral: Evaluated) -> None:
    stack = ephemeral.stacks["plain"]
    assert stack.reason == ""
    assert text(stack["terraform_data.this"]["input"]) == "arn:aws:ssm:us-east-1:123456789012:parameter/token"
    assert SECRET not in json.dumps(ephemeral.plans["plain"]._resolution().as_data())
    assert ephemeral.left == []
