"""Modules from elsewhere are used at one version: a tag or commit of a repository, or a version in a registry."""

from __future__ import annotations

import re

from stackproof.policy.rule import About, Case, Rule, Severity

LOCAL = ("./", "../")
REGISTRY = re.compile(r"[\w.-]+(/[\w.-]+){2,3}(//.*)?")
EXACT = re.compile(r"\s*=?\s*\d+(\.\d+)*\s*")
REVISION = re.compile(r"[?&]ref=(v?\d[\w.-]*|[0-9a-f]{40})(&|$)")


class ModulesPinned(Rule):
    about = About(
        id="SP_SUP_002",
        title="Modules from elsewhere are used at one version",
        severity=Severity.MEDIUM,
        types=("module",),
        why="whoever can push to the module's repository changes what the next apply makes",
        remedy='give a module of a registry a version such as "1.2.3", and one of a repository ?ref= with a release',
        source="https://developer.hashicorp.com/terraform/language/modules/configuration",
    )

    def judge(self, case: Case) -> None:
        source = case.given("source")
        if source.startswith(LOCAL):
            return
        if REGISTRY.fullmatch(source):
            version = case.given("version")
            if version is None:
                case.fail("no version says which release is taken", "source")
            elif not EXACT.fullmatch(version):
                case.fail(f"{version} lets in several versions", "version")
        elif not REVISION.search(source):
            case.fail("the source names no release and no commit", "source")


check = ModulesPinned()
