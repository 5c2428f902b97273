"""References in nested and dynamic blocks, in sets, and to values that a plan knows: planned for the AWS provider."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stackproof.plan import Plan
from stackproof.plan.paths import parse_path
from stackproof.plan.references.references import References
from stackproof.plan.source import Sources
from stackproof.planner import Planner
from stackproof.settings import Environment, Settings, Stack
from stackproof.terraform import lockfile

if TYPE_CHECKING:
    from stackproof.terraform.providers import Package

OWN_STACK = Path(__file__).parents[2] / "terraform"

MAIN = """\
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region = "us-east-1"
}

resource "aws_security_group" "a" {
  name = "a"
  ingress {
    from_port       = 80
    to_port         = 80
    protocol        = "tcp"
    security_groups = [aws_security_group.b.id]
  }
  ingress {
    from_port       = 443
    to_port         = 443
    protocol        = "TCP"
    security_groups = [aws_security_group.c[0].id, aws_security_group.c[1].id]
  }
}
resource "aws_security_group" "b" {
  name = "b"
}
resource "aws_security_group" "many" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    description = "22"
    self        = true
  }
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    description = "80"
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress {
    from_port       = 80
    to_port         = 80
    protocol        = "tcp"
    description     = "group"
    security_groups = [aws_security_group.b.id]
  }
  dynamic "ingress" {
    for_each = [443, 8080, 8443]
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      description = "made"
      self        = true
    }
  }
}
resource "aws_security_group" "c" {
  count = 2
  name  = "c${count.index}"
}
resource "aws_security_group" "same" {
  dynamic "ingress" {
    for_each = [aws_security_group.b.id, aws_security_group.c[0].id]
    content {
      from_port       = 80
      to_port         = 80
      protocol        = "tcp"
      security_groups = [ingress.value]
    }
  }
  ingress {
    from_port       = 80
    to_port         = 80
    protocol        = "tcp"
    security_groups = [aws_security_group.c[1].id]
  }
}

module "rules" {
  source = "./rules"
  rules = {
    https = { port = 443, group = aws_security_group.b.id }
    http  = { port = 80, group = aws_security_group.a.id }
  }
  more = [aws_security_group.c[1].id]
}

resource "aws_iam_role" "each" {
  for_each           = toset(["one", "two"])
  name               = "role-${each.key}"
  assume_role_policy = "{}"
}
resource "aws_iam_role" "fixed" {
  name               = "fixed-role"
  assume_role_policy = "{}"
}
resource "aws_iam_role_policy_attachment" "choice" {
  role       = coalesce(var.role, aws_iam_role.fixed.name)
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
resource "aws_iam_role_policy_attachment" "each" {
  for_each   = aws_iam_role.each
  role       = each.value.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
variable "role" {
  default = null
}

resource "aws_kms_key" "this" {}
resource "aws_instance" "this" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  vpc_security_group_ids = [aws_security_group.a.id, aws_security_group.b.id]
  tags                   = { Name = "x", "a.b" = aws_kms_key.this.arn }
  root_block_device {
    kms_key_id = aws_kms_key.this.arn
  }
}
"""

RULES = """\
variable "rules" {
  type = map(object({ port = number, group = string }))
}
variable "more" {
  type = list(string)
}
resource "aws_security_group" "this" {
  dynamic "ingress" {
    for_each = var.rules
    content {
      description     = ingress.key
      from_port       = ingress.value.port
      to_port         = ingress.value.port
      protocol        = "tcp"
      security_groups = [ingress.value.group]
    }
  }
  dynamic "egress" {
    for_each = var.more
    iterator = other
    content {
      from_port       = 0
      to_port         = 0
      protocol        = "-1"
      security_groups = [other.value]
    }
  }
}
"""

B, C0, C1 = "aws_security_group.b", "aws_security_group.c[0]", "aws_security_group.c[1]"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("blocks") / "root"
    (folder / "rules").mkdir(parents=True)
    (folder / "main.tf").write_text(MAIN, encoding="utf-8")
    (folder / "rules/main.tf").write_text(RULES, encoding="utf-8")
    shutil.copy(OWN_STACK / lockfile.FILE_NAME, folder)
    return folder


@pytest.fixture(scope="module")
def plan(folder: Path, aws_package: Package, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    assert aws_package.executable
    home = tmp_path_factory.mktemp("plan")
    stack = Stack("root", folder, {"dev": Environment("dev")})
    with Planner(Settings(home / "pyproject.toml", {"root": stack}, cache=home / "cache"), stack) as planner:
        return planner.plan("dev")


@pytest.fixture(scope="module")
def references(plan: Plan, folder: Path) -> References:
    return References(plan.document, Sources(folder, {"": ".", "rules": "./rules"}))


@pytest.fixture(scope="module")
def from_file(plan: Plan) -> References:
    return References(plan.document, None)


def groups_by_port(plan: Plan, references: References, address: str) -> dict[int, tuple[tuple[str, ...], bool]]:
    """For each planned ingress block, which a set has in an order of its own: what feeds its groups, and if exactly."""
    found = {}
    for number, block in enumerate(plan[address]["ingress"]):
        wiring = references.wiring(address, ("ingress", number, "security_groups"))
        found[block["from_port"]] = (wiring.addresses, wiring.exact)
    return found


def test_blocks_of_a_set_are_told_apart_by_what_is_known_of_them(plan: Plan, references: References) -> None:
    assert groups_by_port(plan, references, "aws_security_group.a") == {80: ((B,), True), 443: ((C0, C1), True)}


def test_a_dynamic_block_has_the_feeds_of_its_element(plan: Plan, references: References) -> None:
    assert groups_by_port(plan, references, "module.rules.aws_security_group.this") == {
        80: (("aws_security_group.a",), True),
        443: ((B,), True),
    }


def test_a_dynamic_block_may_name_its_iterator(references: References) -> None:
    wiring = references.wiring("module.rules.aws_security_group.this", parse_path("egress[0].security_groups"))
    assert (wiring.addresses, wiring.exact) == ((C1,), True)


def test_blocks_that_look_alike_are_in_the_order_of_the_text(references: References) -> None:
    for number, address in enumerate((B, C0, C1)):
        wiring = references.wiring("aws_security_group.same", ("ingress", number, "security_groups"))
        assert (wiring.addresses, wiring.exact) == ((address,), True)


def test_a_block_of_a_set_stands_where_it_is_written(plan: Plan, references: References, folder: Path) -> None:
    group = plan["aws_security_group.many"]
    wanted = [f'description = "{block["description"]}"' for block in group["ingress"]]
    lines = [" ".join(line.split()) for line in (folder / "main.tf").read_text(encoding="utf-8").splitlines()]
    written = [lines.index(text) + 1 for text in wanted]
    assert written != sorted(written)
    for number, line in enumerate(written):
        path = f"ingress[{number}].description"
        place = group.place_of(path)
        assert place is not None
        assert place.line == line
        assert references.chain(group.address, parse_path(path))[0][0].place == place


def test_all_blocks_of_a_name_together_are_fed_by_all_their_arguments(references: References) -> None:
    wiring = references.wiring("aws_security_group.a", ("ingress",))
    assert (wiring.addresses, wiring.exact) == ((B, C0, C1), True)


def test_a_resource_is_fed_by_all_that_feeds_its_arguments_and_blocks(references: References) -> None:
    wiring = references.wiring("aws_security_group.a", ())
    assert (wiring.addresses, wiring.exact) == ((B, C0, C1), True)
    assert references.arguments("aws_security_group.a") == ("name", "ingress")
    assert references.wiring("module.rules.aws_security_group.this", ()).addresses == ("aws_security_group.a", B, C1)


def test_blocks_of_another_hcl_than_the_planned_are_not_believed(plan: Plan, tmp_path: Path) -> None:
    other = MAIN.replace(
        "security_groups = [aws_security_group.b.id]", "security_groups = [aws_security_group.same.id]"
    )
    (tmp_path / "main.tf").write_text(other, encoding="utf-8")
    wiring = References(plan.document, Sources(tmp_path, {"": "."})).wiring("aws_security_group.a", ("ingress",))
    assert wiring.addresses == (B, C0, C1)


def test_a_list_argument_has_the_feeds_of_all_elements(references: References) -> None:
    wiring = references.wiring("aws_instance.this", ("vpc_security_group_ids",))
    assert (wiring.addresses, wiring.exact) == (("aws_security_group.a", B), True)


def test_a_position_in_a_set_is_not_one_in_the_text(references: References) -> None:
    wiring = references.wiring("aws_instance.this", ("vpc_security_group_ids", 0))
    assert (wiring.addresses, wiring.exact) == (("aws_security_group.a", B), False)


def test_a_key_of_a_map_leads_to_its_value(references: References) -> None:
    assert references.wiring("aws_instance.this", ("tags", "a.b")).addresses == ("aws_kms_key.this",)
    assert references.wiring("aws_instance.this", ("tags", "Name")).addresses == ()


def test_a_nested_block_needs_no_hcl(from_file: References) -> None:
    wiring = from_file.wiring("aws_instance.this", parse_path("root_block_device[0].kms_key_id"))
    assert (wiring.addresses, wiring.exact) == (("aws_kms_key.this",), True)


def test_without_the_hcl_a_dynamic_block_is_missing_and_said_so(from_file: References) -> None:
    wiring = from_file.wiring("module.rules.aws_security_group.this", parse_path("ingress[0].security_groups"))
    assert (wiring.feeds, wiring.exact, wiring.complete) == ((), False, False)
    assert wiring.reason == "ingress may be a dynamic block, of which a plan does not tell"


def test_what_nobody_sets_is_fed_by_nothing(references: References, from_file: References) -> None:
    for known in (references, from_file):
        wiring = known.wiring("aws_instance.this", ("subnet_id",))
        assert (wiring.feeds, wiring.exact, wiring.complete) == ((), True, True)


def test_a_known_value_tells_which_of_two_it_is(from_file: References) -> None:
    wiring = from_file.wiring("aws_iam_role_policy_attachment.choice", ("role",))
    assert (wiring.addresses, wiring.exact) == (("aws_iam_role.fixed",), True)


def test_a_known_value_tells_which_instance_it_is(from_file: References) -> None:
    wiring = from_file.wiring('aws_iam_role_policy_attachment.each["two"]', ("role",))
    assert (wiring.addresses, wiring.exact) == (('aws_iam_role.each["two"]',), True)
