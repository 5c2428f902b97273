"""Bad changes to the stack, made to a copy of it: the gate must refuse each, say why, and point to the line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from stackproof.terraform import providers

TOP = Path(__file__).parents[2]
COPIED = ("terraform", "policies", "costs", "tests/plan", "tests/requirements.toml", "pyproject.toml", ".gitignore")
AT_ONCE = 2
HANGS_SECONDS = 240


@dataclass(frozen=True)
class Edit:
    """A change to a file (to the end of it, where nothing is `old`), and what the gate has to say of it.

    `test` is one that must fail, `says` are parts of its message, `place` is the file and the text of the line that it
    must point to.
    """

    file: str
    old: str
    new: str
    test: str
    says: tuple[str, ...]
    place: tuple[str, str]


KEPT = "test_policy_is_kept"
PASS_ROLE = "resources = [aws_iam_role.task_execution.arn, aws_iam_role.task.arn]"
PASSED_TO_SERVICE = """
    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
"""
SOURCE_ACCOUNT = """
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
"""
KEY_POLICY = """
resource "aws_iam_role_policy" "extra" {
  name = "extra"
  role = aws_iam_role.codebuild.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "kms:*", Resource = "*" }]
  })
}
"""
OWN_POLICY = """
resource "aws_iam_role_policy" "extra" {
  name = "extra"
  role = aws_iam_role.codebuild.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:PutRolePolicy", Resource = aws_iam_role.codebuild.arn }]
  })
}
"""

EDITS: Mapping[str, Edit] = {
    "task group opened to half of the internet": Edit(
        "terraform/modules/ecs/network.tf",
        "referenced_security_group_id = var.alb_security_group_id",
        'cidr_ipv4                    = "0.0.0.0/1"',
        "test_tasks_are_entered_by_the_load_balancer_only",
        ("module.ecs.aws_ecs_service.this", "0.0.0.0/1", "tcp 8080"),
        ("terraform/modules/ecs/network.tf", 'resource "aws_vpc_security_group_ingress_rule" "load_balancer"'),
    ),
    "private route to the internet gateway": Edit(
        "terraform/modules/vpc/main.tf",
        "nat_gateway_id         = aws_nat_gateway.this[var.single_nat_gateway ? local.zones[0] : each.key].id",
        "gateway_id             = aws_internet_gateway.this.id",
        "test_tasks_reach_the_internet_through_nat_gateways_only",
        ("module.vpc.aws_route.nat",),
        ("terraform/modules/vpc/main.tf", 'resource "aws_route" "nat"'),
    ),
    "kms:* in a jsonencode policy": Edit(
        "terraform/modules/iam/codebuild.tf",
        "",
        KEY_POLICY,
        "test_no_role_manages_permissions",
        ("kms:*",),
        ("terraform/modules/iam/codebuild.tf", "policy = jsonencode("),
    ),
    "PassRole on *": Edit(
        "terraform/modules/iam/codepipeline.tf",
        PASS_ROLE,
        'resources = ["*"]',
        "test_the_pipeline_passes_the_roles_of_the_task_to_tasks_and_nothing_else_does",
        ("module.iam.aws_iam_role.codepipeline iam:PassRole on module.iam.aws_iam_role.codebuild: allow",),
        ("terraform/modules/iam/codepipeline.tf", 'sid       = "GiveTasksTheirRoles"'),
    ),
    "PassedToService deleted": Edit(
        "terraform/modules/iam/codepipeline.tf",
        PASSED_TO_SERVICE,
        "",
        "test_the_pipeline_passes_the_roles_of_the_task_to_tasks_and_nothing_else_does",
        ("module.iam.aws_iam_role.codepipeline iam:PassRole on module.iam.aws_iam_role.task", ": allow"),
        ("terraform/modules/iam/codepipeline.tf", 'sid       = "GiveTasksTheirRoles"'),
    ),
    "trust in *": Edit(
        "terraform/modules/iam/main.tf",
        '      type        = "Service"\n      identifiers = ["${each.key}.amazonaws.com"]',
        '      type        = "AWS"\n      identifiers = ["*"]',
        "test_nobody_else_assumes_a_role",
        ("sts:AssumeRole on module.iam.aws_iam_role",),
        ("terraform/modules/iam/main.tf", "statement {"),
    ),
    "SourceAccount deleted": Edit(
        "terraform/modules/iam/main.tf",
        SOURCE_ACCOUNT,
        "",
        "test_each_role_is_assumed_by_its_service_on_behalf_of_the_account_only",
        ("codepipeline.amazonaws.com sts:AssumeRole on module.iam.aws_iam_role.codepipeline: allow",),
        ("terraform/modules/iam/main.tf", "statement {"),
    ),
    "PutRolePolicy on the own role": Edit(
        "terraform/modules/iam/codebuild.tf",
        "",
        OWN_POLICY,
        "test_no_role_gets_more_rights_than_deploying_and_building_needs",
        ("module.iam.aws_iam_role.codebuild can write a role's inline policy: module.iam.aws_iam_role.codebuild",),
        ("terraform/modules/iam/codebuild.tf", "policy = jsonencode("),
    ),
    "target group on another port": Edit(
        "terraform/main.tf",
        "target_port         = local.container_port",
        "target_port         = 9090",
        "test_load_balancer_sends_requests_to_port_8080",
        ("module.alb.aws_lb_target_group.this: port: expected 8080, got 9090",),
        ("terraform/modules/alb/main.tf", "port        = var.target_port"),
    ),
    "the GitHub token for the execution role": Edit(
        "terraform/main.tf",
        "[local.secret_arns.alpha_vantage_api_key]",
        "values(local.secret_arns)",
        "test_the_execution_role_reads_the_secret_of_the_task_and_no_other",
        ('secretsmanager:GetSecretValue on aws_secretsmanager_secret.this["github_oauth_token"]: allow',),
        ("terraform/modules/iam/ecs.tf", 'sid       = "ReadSecrets"'),
    ),
    "TLS condition inverted": Edit(
        "terraform/modules/codepipeline/artifacts.tf",
        'values   = ["false"]',
        'values   = ["true"]',
        "test_a_bucket_takes_no_request_without_tls",
        ("s3:GetObject on module.codepipeline.aws_s3_bucket.artifacts: allow",),
        ("terraform/modules/iam/codebuild.tf", "statement {"),
    ),
    "no key for the artifacts": Edit(
        "terraform/modules/codepipeline/artifacts.tf",
        "      kms_master_key_id = var.kms_key_arn\n",
        "",
        KEPT,
        (
            "SP_ENC_015",
            "module.codepipeline.aws_s3_bucket_server_side_encryption_configuration.artifacts",
            "remedy: ",
            "called from terraform/main.tf:",
        ),
        ("terraform/modules/codepipeline/artifacts.tf", "apply_server_side_encryption_by_default {"),
    ),
    "every action of ECR for the build": Edit(
        "terraform/modules/iam/codebuild.tf",
        '"ecr:BatchCheckLayerAvailability",',
        '"ecr:*",',
        KEPT,
        ("SP_IAM_001", "module.iam.aws_iam_role_policy.codebuild", "allows ecr:*", "remedy: name the actions"),
        ("terraform/modules/iam/codebuild.tf", 'sid = "PushImage"'),
    ),
    "task group opened to the internet": Edit(
        "terraform/modules/ecs/network.tf",
        "referenced_security_group_id = var.alb_security_group_id",
        'cidr_ipv4                    = "0.0.0.0/0"',
        KEPT,
        ("SP_EXP_001", "module.ecs.aws_vpc_security_group_ingress_rule.load_balancer", "SP_EXP_002", "remedy: "),
        ("terraform/modules/ecs/network.tf", 'cidr_ipv4                    = "0.0.0.0/0"'),
    ),
}


@dataclass(frozen=True)
class Ran:
    """How the gate went on an edited copy."""

    folder: Path
    code: int
    out: str


@pytest.fixture(scope="module")
def gates(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Ran]:
    """The gate on a copy for every edit."""
    if not providers.find_mirrors():
        pytest.skip("no filesystem mirror here: stackproof doctor")
    home = tmp_path_factory.mktemp("edits")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        folders = [home / str(number) for number in range(len(EDITS))]
        return dict(zip(EDITS, pool.map(_gate, folders, EDITS.values()), strict=True))


def _gate(folder: Path, edit: Edit) -> Ran:
    for name in COPIED:
        source, target = TOP / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(".terraform", "__pycache__"))
        else:
            shutil.copy(source, target)
    # what git ignores is asked by the gate, too
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    file = folder / edit.file
    text = file.read_text(encoding="utf-8")
    assert not edit.old or edit.old in text, f"{edit.file} does not hold:\n{edit.old}"
    file.write_text(text.replace(edit.old, edit.new, 1) if edit.old else text + edit.new, encoding="utf-8")
    words = [sys.executable, "-m", "pytest", "tests/plan", "--environment", "dev", "-p", "no:cacheprovider", "-vv"]
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, timeout=HANGS_SECONDS, check=False, env=_environment()
    )
    return Ran(folder, done.returncode, done.stdout + done.stderr)


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COV_"))}
    return kept | {"COLUMNS": "240"}


@pytest.mark.parametrize("name", EDITS)
def test_the_gate_refuses_it_and_says_why_and_where(gates: Mapping[str, Ran], name: str) -> None:
    edit, ran = EDITS[name], gates[name]
    assert ran.code == pytest.ExitCode.TESTS_FAILED, ran.out[-3000:]
    told = [line for line in ran.out.splitlines() if f"::{edit.test}[" in line]
    assert any("FAILED" in line or "UNDECIDED" in line for line in told), (
        f"{edit.test} did not fail:\n{ran.out[-3000:]}"
    )
    for part in edit.says:
        assert part in ran.out
    file, written = edit.place
    lines = (ran.folder / file).read_text(encoding="utf-8").splitlines()
    # a statement is known by its Sid, and begins a line above it
    numbers = [near for number, line in enumerate(lines, 1) if written in line for near in (number - 1, number)]
    assert any(f"{file}:{number}" in ran.out for number in numbers), f"none of {file}:{numbers} is told"
