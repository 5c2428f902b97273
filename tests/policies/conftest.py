"""All examples, planned once by real Terraform, and read once by checkov."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from checkov.runner_filter import RunnerFilter
from checkov.terraform.runner import Runner

from stackproof.plan import Resource, Stack
from stackproof.plan.source import Sources
from stackproof.planner import CacheMode, Planner
from stackproof.policy import within_checkov
from stackproof.policy.facts import Facts
from stackproof.policy.finding import Finding
from stackproof.policy.judging import judge_resource
from stackproof.policy.loading import load
from stackproof.policy.rule import Rule
from stackproof.settings import Environment, Settings
from stackproof.settings import Stack as RootModule
from stackproof.terraform import providers

from .examples import DECLARED, RULES, TOP, Example, examples, place_of, write_root


@dataclass(frozen=True)
class Read:
    """The examples as a stack: from a plan, or from HCL alone."""

    root: Path
    facts: Facts

    def resources(self, rule: Rule, example: Example) -> list[Resource]:
        """The resources that a rule judges in an example."""
        if DECLARED.issuperset(rule.about.types):
            return [declared for kind in rule.about.types for declared in self._alone(example).resources(kind)]
        found = [r for kind in rule.about.types for r in self.facts.stack.resources(kind)]
        return [resource for resource in found if resource.module_path[:1] == (example.name,)]

    def _alone(self, example: Example) -> Facts:
        """An example as a root module."""
        stack = Stack("prod", [], {})
        stack.sources = Sources(place_of(example, self.root), {"": ".", "child": "child"})
        return Facts(stack)

    def findings(self, rule: Rule, example: Example) -> Sequence[Finding]:
        """What a rule finds in an example."""
        options = {**rule.about.options, **example.options}
        return [
            finding
            for resource in self.resources(rule, example)
            for finding in judge_resource(rule, resource, self.facts, options).findings
        ]


@pytest.fixture(scope="session")
def rules() -> Mapping[str, Rule]:
    """Every rule by its id."""
    assert not RULES.problems
    return {file.id: load(file) for file in RULES.files}


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory, rules: Mapping[str, Rule]) -> Path:
    """A root module that calls every example."""
    folder = tmp_path_factory.mktemp("policies") / "root"
    folder.mkdir()
    write_root(folder, examples(), rules)
    shutil.copy(TOP / "terraform/.terraform.lock.hcl", folder)
    return folder


@pytest.fixture(scope="session")
def planned(root: Path, rules: Mapping[str, Rule], plan_file: Path) -> Read:
    """The examples as their resolved plan."""
    assert rules
    if not providers.find_mirrors():
        pytest.skip("no filesystem mirror here: stackproof doctor")
    environments = {"prod": Environment("prod")}
    settings = Settings(root / "pyproject.toml", {"examples": RootModule("examples", root, environments)})
    with Planner(settings, settings.stack("examples"), cache=CacheMode.OFF) as planner:
        planner.start(["prod"], resolve=True)
        plan = planner.plan("prod")
        stack = plan.resolved
    assert not stack.reason
    plan_file.write_text(json.dumps(dict(plan.document)), encoding="utf-8")
    return Read(root, Facts(stack))


@pytest.fixture(scope="session")
def plan_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the plan of the examples is written to, as Terraform prints it."""
    return tmp_path_factory.mktemp("plan") / "plan.json"


@pytest.fixture(scope="session")
def read_by_checkov(root: Path, rules: Mapping[str, Rule]) -> Read:
    """The examples as checkov reads them."""
    stack: list[Stack] = []
    with pytest.MonkeyPatch.context() as patch:
        made = within_checkov._stack

        def keep(graph: object) -> Stack | None:
            found = made(graph)
            assert found is not None
            stack.append(found)
            return found

        patch.setattr(within_checkov, "_stack", keep)
        Runner().run(root_folder=str(root), runner_filter=RunnerFilter(checks=list(rules)))
    found = stack[0] if stack else Stack("", [], {})  # where all examples are root modules
    return Read(root, Facts(found))
