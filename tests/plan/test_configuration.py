"""How the stack is written: versions, modules, variables, outputs, documentation."""

import re
from collections import Counter
from itertools import pairwise

import pytest

from stackproof import Stack
from stackproof.plan import Feed, Place

from . import written
from .lookup import secrets

MODULES = {"vpc", "ecr", "alb", "iam", "ecs", "codebuild", "codepipeline", "monitoring"}

WIRES = {
    "module.alb.public_subnet_ids": "module.vpc.public_subnet_ids",
    "module.alb.vpc_cidr_block": "module.vpc.vpc_cidr_block",
    "module.alb.vpc_id": "module.vpc.vpc_id",
    "module.codebuild.ecr_repository_url": "module.ecr.repository_url",
    "module.codebuild.service_role_arn": "module.iam.codebuild_role_arn",
    "module.codepipeline.build_project_name": "module.codebuild.project_name",
    "module.codepipeline.cluster_name": "module.ecs.cluster_name",
    "module.codepipeline.service_name": "module.ecs.service_name",
    "module.codepipeline.service_role_arn": "module.iam.codepipeline_role_arn",
    "module.ecs.alb_security_group_id": "module.alb.security_group_id",
    "module.ecs.execution_role_arn": "module.iam.task_execution_role_arn",
    "module.ecs.image": "module.ecr.repository_url",
    "module.ecs.private_subnet_ids": "module.vpc.private_subnet_ids",
    "module.ecs.target_group_arn": "module.alb.target_group_arn",
    "module.ecs.task_role_arn": "module.iam.task_role_arn",
    "module.ecs.vpc_id": "module.vpc.vpc_id",
    "module.iam.ecr_repository_arn": "module.ecr.repository_arn",
    "module.monitoring.alb_arn_suffix": "module.alb.arn_suffix",
    "module.monitoring.cluster_name": "module.ecs.cluster_name",
    "module.monitoring.pipeline_name": "module.codepipeline.pipeline_name",
    "module.monitoring.service_name": "module.ecs.service_name",
    "module.monitoring.target_group_arn_suffix": "module.alb.target_group_arn_suffix",
    "module.monitoring.topic_arn": "module.codepipeline.topic_arn",
}
"""Every input of a module that another module's output feeds, and that output."""


def wires(stack: Stack) -> dict[tuple[str, str], Place | None]:
    """The inputs of modules with the outputs that feed them, by the ways of all values, and where each is written."""
    ways = (way for resource in stack for argument in resource.arguments for way in resource.ways(argument))
    return {
        (taken.name, given.name): taken.place
        for way in ways
        for taken, given in pairwise(way)
        if (taken.what, given.what) == ("module input", "output")
    }


def required_without_default() -> set[str]:
    return {block.labels[0] for block in written.root().variables if not block.argument("default")}


# Versions


@pytest.mark.requirement("VER-1")
def test_terraform_1_10_or_newer_is_required_everywhere() -> None:
    for module in written.every_module():
        constraints = [written.expression(block, "required_version") for block in module.blocks]
        assert [text for text in constraints if text] == ['">= 1.10"'], module.folder


@pytest.mark.requirement("VER-2")
def test_aws_provider_from_5_100_to_below_7_is_required_everywhere() -> None:
    for module in written.every_module():
        [providers] = [inner for block in module.blocks for inner in written.nested(block, "required_providers")]
        expected = '{ source = "hashicorp/aws" version = ">= 5.100, < 7.0" }'
        assert written.expression(providers, "aws") == expected, written.place(providers)


@pytest.mark.requirement("VER-3")
def test_lock_file_selects_aws_5_100_0_by_those_constraints() -> None:
    lock_file = (written.TERRAFORM / ".terraform.lock.hcl").read_text(encoding="utf-8")
    assert re.findall(r'^provider "(.+)"', lock_file, re.MULTILINE) == ["registry.terraform.io/hashicorp/aws"]
    assert re.findall(r'version += "(.+)"', lock_file) == ["5.100.0"]
    assert re.findall(r'constraints = "(.+)"', lock_file) == [">= 5.100.0, < 7.0.0"]


@pytest.mark.requirement("VER-4")
def test_lock_file_knows_that_release_by_all_its_hashes() -> None:
    lock_file = (written.TERRAFORM / ".terraform.lock.hcl").read_text(encoding="utf-8")
    hashes = set(re.findall(r'"(h1:[\w+/]{43}=|zh:[0-9a-f]{64})",', lock_file))
    assert Counter(known.split(":")[0] for known in hashes) == {"h1": 2, "zh": 15}


# Modules


@pytest.mark.requirement("MOD-1")
def test_root_calls_each_of_the_eight_modules_once() -> None:
    calls = [block for block in written.root().blocks if block.kind == "module"]
    assert sorted(call.labels[0] for call in calls) == sorted(MODULES)
    for call in calls:
        assert written.expression(call, "source") == f'"./modules/{call.labels[0]}"', written.place(call)


@pytest.mark.requirement("MOD-2")
def test_each_module_has_main_variables_outputs_and_readme() -> None:
    assert written.modules().keys() == MODULES
    for module in written.modules().values():
        files = {file.name for file in module.folder.iterdir()}
        assert {"main.tf", "variables.tf", "outputs.tf", "README.md"} <= files, module.folder


@pytest.mark.requirement("MOD-2")
@pytest.mark.parametrize(("kind", "file"), [("variable", "variables.tf"), ("output", "outputs.tf")])
def test_variables_and_outputs_are_where_one_looks_for_them(kind: str, file: str) -> None:
    blocks = [block for module in written.every_module() for block in module.blocks if block.kind == kind]
    assert not [written.place(block) for block in blocks if block.file.name != file]


@pytest.mark.requirement("MOD-3")
def test_no_module_configures_a_provider() -> None:
    blocks = [block for module in written.modules().values() for block in module.blocks]
    assert not [written.place(block) for block in blocks if block.kind == "provider"]


@pytest.mark.requirement("MOD-4")
def test_modules_are_wired_output_to_input(resolved: Stack) -> None:
    found = wires(resolved)
    wrong = [f"{taken} <- {given} ({place})" for (taken, given), place in found.items() if WIRES.get(taken) != given]
    assert not wrong
    assert {taken for taken, _ in found} == WIRES.keys()


@pytest.mark.requirement("MOD-5")
def test_readme_of_each_module_lists_its_inputs_and_outputs() -> None:
    for module in written.modules().values():
        generated = module.readme.partition("<!-- BEGIN_TF_DOCS -->")[2].partition("<!-- END_TF_DOCS -->")[0]
        listed = set(re.findall(r'<a name="((?:in|out)put_\w+)"></a>', generated))
        assert listed == {f"input_{block.labels[0]}" for block in module.variables} | {
            f"output_{name}" for name in module.output_names
        }, module.folder


# Variables and outputs


@pytest.mark.requirement("VAR-1")
def test_every_variable_has_a_type() -> None:
    variables = [variable for module in written.every_module() for variable in module.variables]
    assert variables
    assert not [written.place(variable) for variable in variables if not variable.argument("type")]


@pytest.mark.requirement("VAR-2")
def test_no_type_is_left_open() -> None:
    variables = [variable for module in written.every_module() for variable in module.variables]
    assert not [
        written.place(variable) for variable in variables if re.search(r"\bany\b", written.expression(variable, "type"))
    ]


@pytest.mark.requirement("VAR-3")
@pytest.mark.parametrize("kind", ["variable", "output"])
def test_every_variable_and_output_is_described(kind: str) -> None:
    blocks = [block for module in written.every_module() for block in module.blocks if block.kind == kind]
    assert blocks
    described = re.compile(r"\w+ \w+")
    assert not [
        written.place(block) for block in blocks if not described.search(written.expression(block, "description"))
    ]


@pytest.mark.requirement("VAR-4")
def test_every_variable_of_the_root_that_can_hold_nonsense_is_validated() -> None:
    unchecked = [
        written.place(variable)
        for variable in written.root().variables
        if written.expression(variable, "type") != "bool" and not written.nested(variable, "validation")
    ]
    assert not unchecked


@pytest.mark.requirement("VAR-5")
def test_example_gives_every_variable_that_has_no_default() -> None:
    assert required_without_default() <= written.settings(written.TERRAFORM / "terraform.tfvars.example").keys()


@pytest.mark.requirement("VAR-5")
def test_example_knows_no_variable_that_does_not_exist() -> None:
    example = (written.TERRAFORM / "terraform.tfvars.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^(?:# )?(\w+)\s*=", example, re.MULTILINE))
    assert named <= {variable.labels[0] for variable in written.root().variables}


@pytest.mark.requirement("OUT-1")
def test_stack_puts_out_the_load_balancers_dns_name(resolved: Stack) -> None:
    assert resolved.output("alb_dns_name") == resolved.resource("aws_lb")["dns_name"]


@pytest.mark.requirement("OUT-2")
def test_stack_puts_out_what_an_operator_needs(stack: Stack) -> None:
    needed = {
        "ecr_repository_url",
        "ecs_cluster_name",
        "ecs_service_name",
        "task_log_group_name",
        "codepipeline_name",
        "notification_topic_arn",
        "secret_arns",
    }
    assert needed <= stack.outputs.keys()


@pytest.mark.requirement("OUT-2")
def test_no_output_is_secret(stack: Stack) -> None:
    assert not [output.name for output in stack.outputs.values() if output.sensitive]


@pytest.mark.requirement("OUT-3")
@pytest.mark.parametrize(
    ("output", "type", "attribute"),
    [
        ("alb_zone_id", "aws_lb", "zone_id"),
        ("vpc_id", "aws_vpc", "id"),
        ("ecr_repository_url", "aws_ecr_repository", "repository_url"),
        ("ecs_cluster_name", "aws_ecs_cluster", "name"),
        ("ecs_service_name", "aws_ecs_service", "name"),
        ("task_definition_arn", "aws_ecs_task_definition", "arn"),
        ("codebuild_project_name", "aws_codebuild_project", "name"),
        ("codepipeline_name", "aws_codepipeline", "name"),
        ("notification_topic_arn", "aws_sns_topic", "arn"),
        ("kms_key_arn", "aws_kms_key", "arn"),
    ],
)
def test_output_is_the_attribute_that_it_is_named_after(
    resolved: Stack, output: str, type: str, attribute: str
) -> None:
    assert resolved.output(output) == resolved.resource(type)[attribute]


@pytest.mark.requirement("OUT-3")
def test_output_of_secrets_names_each_by_its_purpose(resolved: Stack) -> None:
    assert resolved.output("secret_arns") == {secret.index: secret["arn"] for secret in secrets(resolved)}


@pytest.mark.requirement("OUT-3")
def test_output_of_addresses_names_those_of_the_nat_gateways(resolved: Stack) -> None:
    feeds = [feed for address in resolved.output("nat_public_ips") for feed in address.feeds]
    assert set(feeds) == {Feed(address.address, "public_ip") for address in resolved.resources("aws_eip")}


# Documentation


@pytest.mark.requirement("DOC-1")
def test_readme_lists_every_variable_and_output() -> None:
    listed = set(re.findall(r'<a name="((?:in|out)put_\w+)"></a>', written.root().readme))
    assert listed == {f"input_{block.labels[0]}" for block in written.root().variables} | {
        f"output_{name}" for name in written.root().output_names
    }


@pytest.mark.requirement("DOC-2")
def test_readme_presents_every_module() -> None:
    assert set(re.findall(r"^\| \[`(\w+)`\]\(modules/\1\)", written.root().readme, re.MULTILINE)) == MODULES


@pytest.mark.requirement("DOC-2")
def test_readme_draws_every_dependency_between_modules() -> None:
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)$", written.root().readme, re.MULTILINE))
    actual = {
        (source, call.labels[0])
        for call in written.root().blocks
        for argument in call.arguments
        for source in re.findall(r"\bmodule\.(\w+)", argument.text)
        if call.kind == "module"
    }
    assert {edge for edge in drawn if set(edge) <= MODULES} == actual
