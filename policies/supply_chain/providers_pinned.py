"""Every provider has a version constraint, with an upper bound in the root module, and is in the lock file."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

REGISTRY = "registry.terraform.io"
UNBOUND = (">", "!")
"""What constraints begin with that have no newest version."""


class ProvidersPinned(Rule):
    about = About(
        id="SP_SUP_001",
        title="Providers are held to versions that were tested",
        severity=Severity.MEDIUM,
        types=("terraform",),
        why="the next release of a provider may change what the same code makes, or come from an attacker",
        remedy='give each provider a version such as "~> 5.100", and commit .terraform.lock.hcl',
        source="https://developer.hashicorp.com/terraform/language/providers/requirements",
    )

    def judge(self, case: Case) -> None:
        required = case.given("required_providers", {})
        for name, given in required.items():
            with case.part():
                path = f"required_providers.{name}"
                version = given.get("version") if isinstance(given, dict) else given
                if not version:
                    case.fail(f"provider {name} has no version", path)
                elif not case.resource.module_path and all(
                    constraint.strip().startswith(UNBOUND) for constraint in version.split(",")
                ):
                    case.fail(f"provider {name} has no newest version: {version}", path)
                self._is_locked(case, name, given, path)

    def _is_locked(self, case: Case, name: str, given: object, path: str) -> None:
        if case.resource.module_path:
            return
        source = given["source"] if isinstance(given, dict) and "source" in given else f"hashicorp/{name}"
        address = source if source.count("/") > 1 else f"{REGISTRY}/{source}"
        if address not in case.given("locked", {}):
            case.fail(f"provider {name} ({address}) is not in the lock file", path)


check = ProvidersPinned()
