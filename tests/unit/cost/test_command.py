"""`stackproof cost` and its script, run as a person would, on plans in files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .plans import document

SCRIPT = Path(__file__).parents[3] / "scripts" / "estimate-costs.sh"
SETTINGS = """
[tool.stackproof.stacks.shop]
folder = "."

[tool.stackproof.stacks.shop.environments.dev]
[tool.stackproof.stacks.shop.environments.prod]

[tool.stackproof.cost]
usage = "usage.toml"

[tool.stackproof.cost.budgets.shop]
dev = 40
"""
USAGE = '[[assume]]\nof = "aws_nat_gateway"\ngb_processed = 10\ngb_sent = 1\n'
GATEWAY = {"aws_nat_gateway.this": {"connectivity_type": "public"}}


@dataclass(frozen=True)
class Shop:
    """A folder with settings, assumptions and plans, in which the command runs."""

    folder: Path

    def plan(self, name: str, resources: dict[str, Any]) -> str:
        (self.folder / f"{name}.json").write_text(json.dumps(document(resources, region="us-east-1")), encoding="utf-8")
        return f"{name}.json"

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "stackproof.cli", "cost", *options],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "COLUMNS": "200"},
        )


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    (tmp_path / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "usage.toml").write_text(USAGE, encoding="utf-8")
    return Shop(tmp_path)


def test_environments_stand_side_by_side_with_budgets_assumptions_and_the_age_of_prices(shop: Shop) -> None:
    dev, prod = shop.plan("dev", GATEWAY), shop.plan("prod", {**GATEWAY, "aws_opensearch_domain.this": {}})
    ran = shop.run("--plan-json", dev, "--plan-json", prod, "--parts")
    assert ran.returncode == 0, ran.stderr
    lines = [" ".join(line.split()) for line in ran.stdout.splitlines()]
    assert "service dev prod" in lines
    assert "total 33.39 33.39 and more" in lines
    assert "budget 40.00 (pass)" in lines
    assert "aws_nat_gateway.this 33.39 33.39" in lines
    assert "aws_nat_gateway.this NAT gateway 730 x hour 0.045 32.85" in lines
    assert "aws_nat_gateway.this data processed 10 x GB 0.045 0.45 gb_processed = 10" in lines
    named = "aws_opensearch_domain.this: unpriced: no prices are known for aws_opensearch_domain"
    assert f"prod: not in the sum: {named}" in lines
    assert any(line.startswith("Prices: the price sheet prices.toml") and "days ago" in line for line in lines)


def test_a_broken_budget_is_the_exit_code(shop: Shop) -> None:
    ran = shop.run("--plan-json", shop.plan("dev", {**GATEWAY, "aws_eip.a": {}, "aws_eip.b": {}}))
    assert ran.returncode == 1
    assert "dev: fail: costs 40.69 at the least, 0.69 above the budget of 40.00 USD a month" in ran.stdout


def test_a_budget_that_may_be_broken_is_the_exit_code_too(shop: Shop) -> None:
    ran = shop.run("--plan-json", shop.plan("dev", {"aws_opensearch_domain.this": {}}))
    assert ran.returncode == 1
    assert "dev: undecided: " in ran.stdout


def test_what_a_change_costs_is_told(shop: Shop) -> None:
    base = shop.plan("base", GATEWAY)
    head = shop.plan("dev", {**GATEWAY, "aws_eip.this": {}})
    ran = shop.run("--plan-json", head, "--base", base)
    lines = [" ".join(line.split()) for line in ran.stdout.splitlines()]
    assert "aws_eip.this 3.65 +3.65" in lines
    assert "total 33.39 37.04 +3.65" in lines
    same = shop.run("--plan-json", base, "--base", base)
    assert "base: the change costs nothing" in same.stdout


def test_programs_get_everything(shop: Shop) -> None:
    base, head = shop.plan("base", {}), shop.plan("dev", {**GATEWAY, "aws_vpc.this": {}, "aws_sqs_queue.this": {}})
    ran = shop.run("--plan-json", head, "--base", base, "--format", "json")
    report = json.loads(ran.stdout)
    dev = report["environments"]["dev"]
    assert dev["total"] == {"low": 33.39, "high": 33.39}
    assert dev["complete"] is False
    assert dev["budget"]["verdict"] == "undecided"
    assert dev["difference"]["total"]["difference"] == {"low": 33.39, "high": 33.39}
    assert dev["gaps"] == [{"resource": "aws_sqs_queue.this", "why": "no assumption", "what": "requests"}]
    assert set(dev["free"]) == {"aws_vpc.this"}
    hour = next(line for line in dev["lines"] if line["part"] == "NAT gateway")
    assert hour["price"]["usd"] == "0.045"
    assert hour["price"]["source"] == "https://aws.amazon.com/vpc/pricing/"


def test_plan_files_need_no_settings(shop: Shop) -> None:
    (shop.folder / "pyproject.toml").unlink()
    ran = shop.run("--plan-json", shop.plan("dev", GATEWAY))
    assert ran.returncode == 0, ran.stderr
    assert "dev: not in the sum: aws_nat_gateway.this: no assumption: gb_processed" in ran.stdout
    assert "Assumptions: none are stated" in ran.stdout


def test_a_sheet_of_ones_own_is_used(shop: Shop) -> None:
    entry = '[[price]]\nkey = "nat.hour"\nunit = "hour"\nsource = "https://example.com/"\nas_of = 2026-01-01\n'
    (shop.folder / "own.toml").write_text(f"{entry}usd = {{ all = 2 }}\n", encoding="utf-8")
    ran = shop.run("--plan-json", shop.plan("prod", GATEWAY), "--prices", "own.toml", "--format", "json")
    prod = json.loads(ran.stdout)["environments"]["prod"]
    assert prod["total"]["low"] == 1460
    assert "no price of nat.gb in us-east-1" in prod["gaps"][0]["what"]


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("usage.toml", "[[assume]]\nof = 3", "usage.toml, assumption 1: does not say what it is of"),
        ("pyproject.toml", SETTINGS.replace("dev = 40", "deb = 40"), "did you mean 'dev'?"),
        ("pyproject.toml", SETTINGS.replace("dev = 40", "dev = -1"), "budgets.shop.dev"),
        ("pyproject.toml", SETTINGS.replace("budgets.shop", "budgets.shob"), "there is no such stack"),
        ("pyproject.toml", SETTINGS.replace("usage.toml", "none.toml"), "does not exist"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(shop: Shop, file: str, text: str, complaint: str) -> None:
    dev = shop.plan("dev", GATEWAY)
    (shop.folder / file).write_text(text, encoding="utf-8")
    ran = shop.run("--plan-json", dev)
    assert ran.returncode == 2
    assert complaint.lower() in ran.stderr.lower()
    assert ran.stderr.count("\n") == 1
    assert not ran.stdout


def script(*options: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SCRIPT, *options], cwd=folder, capture_output=True, text=True, check=False)


def test_the_script_estimates_from_wherever_it_is_called(shop: Shop) -> None:
    file = shop.folder / shop.plan("prod", GATEWAY)
    ran = script("--plan-json", str(file), folder=shop.folder)
    assert ran.returncode == 0, ran.stderr
    assert "USD a month, by service" in ran.stdout


def test_the_script_tells_its_usage_and_what_it_would_do() -> None:
    assert script("--help").stdout.startswith("Usage: scripts/estimate-costs.sh")
    ran = script("--dry-run", "--environment", "the dev")
    assert ran.stdout.strip().endswith("stackproof cost --environment the\\ dev")
    assert ran.returncode == 0


def test_the_script_passes_a_refusal_on() -> None:
    ran = script("--no-such-option")
    assert ran.returncode == 2
    assert "--no-such-option" in ran.stderr
