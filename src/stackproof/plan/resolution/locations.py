"""Where the provider configurations of a plan work: partition, region and account, as far as the plan tells.

https://developer.hashicorp.com/terraform/language/providers/configuration
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from stackproof.plan.addresses import module_path
from stackproof.plan.references.arguments import Body
from stackproof.plan.references.evaluation import Evaluation
from stackproof.plan.references.instances import UNKNOWN, Instances
from stackproof.plan.references.modules import Module
from stackproof.plan.references.scopes import Scopes
from stackproof.plan.resolution.arns import UNKNOWN_ACCOUNT, UNKNOWN_REGION, Location
from stackproof.plan.source import Sources
from stackproof.terraform import hcl

DEFAULT = "aws"
"""The key of the root module's provider configuration without an alias."""

_Raw = Mapping[str, Any]
_ROLES = ("assume_role", "assume_role_with_web_identity")
_CREDENTIALS = ("access_key", "profile", "shared_credentials_files")


class Locations:
    """The locations of a plan's resources.

    `region` and `account` are those of the caller, meant where a provider configuration names none; None where nobody
    knows them.
    """

    def __init__(self, document: _Raw, sources: Sources | None, *, region: str | None, account: str | None) -> None:
        self._document = document
        self._sources = sources
        self._region = region
        self._account = account
        self._found: dict[str, Location] = {}

    def of(self, change: _Raw) -> Location:
        """Where a resource is, given its entry in the plan's `resource_changes`."""
        path = ".".join(module_path(change.get("module_address", "")))
        return self.of_provider(self._keys.get((path, change["mode"], change["type"], change["name"]), DEFAULT))

    def of_provider(self, key: str = DEFAULT) -> Location:
        """Where a provider configuration works, given its key in the plan's `provider_config`."""
        if key not in self._found:
            region, account = self._region_of(key), self._account_of(key)
            guessed = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
            self._found[key] = Location(self._told(key, "aws_partition", "partition") or guessed, region, account)
        return self._found[key]

    def _region_of(self, key: str) -> str:
        named = self._value(key, self._body(key), "region")
        if named is None:
            named = self._region
        return named if isinstance(named, str) else self._told(key, "aws_region", "name") or UNKNOWN_REGION

    def _account_of(self, key: str) -> str:
        told = self._told(key, "aws_caller_identity", "account_id") or self._only_account_in_state(key)
        if told:
            return told
        for role in self._roles(key):
            arn = self._value(key, role, "role_arn")
            if arn is not None:
                return arn.split(":")[4] if isinstance(arn, str) and arn.count(":") > 4 else UNKNOWN_ACCOUNT
        if self._account is None and not self._is_of_caller(key):
            return UNKNOWN_ACCOUNT
        return self._account or self._account_of_caller or UNKNOWN_ACCOUNT

    @cached_property
    def _account_of_caller(self) -> str:
        keys = [DEFAULT, *self._configurations]
        told = (
            self._told(key, "aws_caller_identity", "account_id") or self._only_account_in_state(key)
            for key in keys
            if self._is_of_caller(key)
        )
        return next(filter(None, told), "")

    def _is_of_caller(self, key: str) -> bool:
        """Whether a provider configuration works with the caller's own identity."""
        names = self._body(key).arguments()
        return not self._roles(key) and not any(name in names for name in _CREDENTIALS)

    def _roles(self, key: str) -> list[Body]:
        # of several, each is assumed with the one before it
        return [nested.body for kind in _ROLES for nested in reversed(self._body(key).nested(kind))]

    def _only_account_in_state(self, key: str) -> str:
        arns = (values.get("arn") for found, mode, _, values in self._state if (found, mode) == (key, "managed"))
        accounts = {arn.split(":")[4] for arn in arns if isinstance(arn, str) and arn.count(":") > 4} - {"", "aws"}
        return accounts.pop() if len(accounts) == 1 else ""

    def _told(self, key: str, type: str, attribute: str) -> str:
        """What a data source tells that was read with a provider configuration; empty where there is none."""
        told = (values.get(attribute) for *of, values in self._state if of == [key, "data", type])
        return next((text for text in told if isinstance(text, str)), "")

    def _value(self, key: str, body: Body, name: str) -> Any:  # noqa: ANN401
        expression = body.argument(name)
        scope = self._scopes.module(self._configurations.get(key, {}).get("module_address", ""))
        if expression is None:
            return None
        return self._evaluation.value(expression, scope) if scope else UNKNOWN

    def _body(self, key: str) -> Body:
        if key not in self._bodies:
            raw = self._configurations.get(key, {})
            self._bodies[key] = Body(raw.get("expressions", {}), self._block(raw))
        return self._bodies[key]

    def _block(self, raw: _Raw) -> hcl.Block | None:
        path = module_path(raw.get("module_address", ""))
        for block in self._sources.blocks(path, "provider") if self._sources else ():
            alias = block.argument("alias")
            if block.labels == (raw.get("name"),) and (alias.text.strip('"') if alias else None) == raw.get("alias"):
                return block
        return None

    @cached_property
    def _bodies(self) -> dict[str, Body]:
        return {}

    @cached_property
    def _configuration(self) -> _Raw:
        found: _Raw = self._document.get("configuration", {})
        return found

    @cached_property
    def _configurations(self) -> _Raw:
        found: _Raw = self._configuration.get("provider_config", {})
        return found

    @cached_property
    def _scopes(self) -> Scopes:
        return Scopes(Module(self._configuration.get("root_module", {}), (), self._sources), self._instances)

    @cached_property
    def _instances(self) -> Instances:
        return Instances(self._document)

    @cached_property
    def _evaluation(self) -> Evaluation:
        return Evaluation(self._scopes, self._instances)

    @cached_property
    def _keys(self) -> Mapping[tuple[str, str, str, str], str]:
        return dict(provider_keys(self._document))

    @cached_property
    def _state(self) -> list[tuple[str, str, str, _Raw]]:
        """What is in the state and configured still: provider configuration, mode, type and values."""
        named = ((path, raw["mode"], raw["type"], raw["name"], raw["values"]) for path, raw in in_state(self._document))
        return [(self._keys[*of, name], *of[1:], values) for *of, name, values in named if (*of, name) in self._keys]


def in_state(document: _Raw) -> Iterator[tuple[str, _Raw]]:
    """What a plan's prior state has: resources, and the data sources that were read while planning, by module path."""
    pending = [document.get("prior_state", {}).get("values", {}).get("root_module", {})]
    while pending:
        module = pending.pop()
        path = ".".join(module_path(module.get("address", "")))
        yield from ((path, raw) for raw in module.get("resources", ()))
        pending.extend(module.get("child_modules", ()))


def provider_keys(document: _Raw) -> Iterator[tuple[tuple[str, str, str, str], str]]:
    """The provider configuration that each resource works with: (module path, mode, type, name) and its key."""
    pending = [("", document.get("configuration", {}).get("root_module", {}))]
    while pending:
        path, module = pending.pop()
        for raw in module.get("resources", ()):
            yield (path, raw["mode"], raw["type"], raw["name"]), raw.get("provider_config_key", DEFAULT)
        for name, call in module.get("module_calls", {}).items():
            pending.append((f"{path}.{name}".strip("."), call.get("module", {})))
