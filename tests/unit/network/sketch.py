"""Small stacks for questions of network, each in three forms that have to give the same answers.

- applied: everything is known, and references are ids that are equal;
- planned: ids are unknown, and what they refer to is told by the configuration, and by HCL written for it;
- traced: ids are tokens, as in a resolved plan.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stackproof.plan import Plan, Resource, Stack
from stackproof.plan.provenance import Way
from stackproof.plan.source import Sources
from stackproof.plan.wiring import Feed, Traced, Wiring

APPLIED, PLANNED, TRACED = "applied", "planned", "traced"
FORMS = (APPLIED, PLANNED, TRACED)

_PREFIXES = {
    "aws_default_route_table": "rtb",
    "aws_default_security_group": "sg",
    "aws_ec2_managed_prefix_list": "pl",
    "aws_ec2_transit_gateway": "tgw",
    "aws_egress_only_internet_gateway": "eigw",
    "aws_instance": "i",
    "aws_internet_gateway": "igw",
    "aws_nat_gateway": "nat",
    "aws_network_acl": "acl",
    "aws_network_interface": "eni",
    "aws_route_table": "rtb",
    "aws_security_group": "sg",
    "aws_subnet": "subnet",
    "aws_vpc": "vpc",
    "aws_vpc_endpoint": "vpce",
    "aws_vpc_peering_connection": "pcx",
}
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "aws_default_network_acl": {"ingress": [], "egress": []},
    "aws_default_route_table": {"route": []},
    "aws_default_security_group": {"ingress": [], "egress": []},
    "aws_instance": {"associate_public_ip_address": None, "vpc_security_group_ids": [], "network_interface": []},
    "aws_lb": {"internal": False, "ip_address_type": "ipv4", "subnet_mapping": [], "security_groups": []},
    "aws_lb_target_group": {"preserve_client_ip": None},
    "aws_network_acl": {"ingress": [], "egress": []},
    "aws_route_table": {"route": [], "propagating_vgws": []},
    "aws_security_group": {"ingress": [], "egress": []},
    "aws_security_group_rule": {"source_security_group_id": None},
}
"""Computed arguments that nobody set: unknown in a plan, and this afterwards."""


@dataclass(frozen=True)
class Ref:
    """A reference to an attribute."""

    address: str
    attribute: str


@dataclass(frozen=True)
class Handle:
    """A resource of a sketch."""

    address: str

    @property
    def id(self) -> Ref:
        return Ref(self.address, "id")

    @property
    def arn(self) -> Ref:
        return Ref(self.address, "arn")

    def __getitem__(self, attribute: str) -> Ref:
        return Ref(self.address, attribute)

    def __str__(self) -> str:
        return self.address


@dataclass
class Sketch:
    """Collects resources; `stack` makes what a test asks."""

    folder: Path
    form: str
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    actions: dict[str, tuple[str, dict[str, Any] | None]] = field(default_factory=dict)
    unknown: set[tuple[str, str]] = field(default_factory=set)

    def add(self, address: str, /, **arguments: Any) -> Handle:
        """A resource such as `aws_vpc.main` or `data.aws_vpc.main`."""
        self.resources[address] = arguments
        return Handle(address)

    def hide(self, handle: Handle, *names: str) -> None:
        """Arguments that nobody knows, in every form."""
        self.unknown |= {(handle.address, name) for name in names}
        if self.form == PLANNED:
            # what a plan does not know is fed by something that it does not know
            self.resources.setdefault("terraform_data.hidden", {})
            self.resources[handle.address] |= dict.fromkeys(names, Ref("terraform_data.hidden", "output"))

    def stack(self) -> Stack:
        """The stack in its form."""
        return {APPLIED: self._applied, PLANNED: self._planned, TRACED: self._traced}[self.form]()

    # what a reference is

    def known(self, ref: Ref) -> Any:
        """The value of an attribute after an apply."""
        arguments = self.resources[ref.address]
        if ref.attribute in arguments:
            return self._after(arguments[ref.attribute])
        type_ = ref.address.removeprefix("data.").partition(".")[0]
        number = list(self.resources).index(ref.address)
        for path, of_vpc in (("default_route_table_id", "rtb"), ("default_network_acl_id", "acl"), ("vpc_id", "sg")):
            adopts = {
                "rtb": "aws_default_route_table",
                "acl": "aws_default_network_acl",
                "sg": "aws_default_security_group",
            }
            if type_ == adopts[of_vpc] and ref.attribute == "id":
                vpc = list(self.resources).index(arguments[path].address)
                return f"{of_vpc}-default{vpc:03}"
        if ref.attribute.startswith(("default_", "main_route_table")):
            kind = {"default_security_group_id": "sg", "default_network_acl_id": "acl"}.get(ref.attribute, "rtb")
            return f"{kind}-default{number:03}"
        if ref.attribute == "ipv6_cidr_block":
            return f"2a05:d018:{number:x}::/56"
        if ref.attribute == "arn" or (ref.attribute == "id" and type_ not in _PREFIXES):
            return f"arn:aws:service:eu-west-1:123456789012:{type_}/{number:03}"
        return f"{_PREFIXES.get(type_, 'x')}-{number:08x}"

    def _after(self, value: Any) -> Any:
        if isinstance(value, Ref):
            return self.known(value)
        if isinstance(value, dict):
            return {name: self._after(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._after(inner) for inner in value]
        return value

    def _is_known_at_plan(self, value: Any) -> bool:
        if isinstance(value, Ref):
            return value.attribute in self.resources[value.address] and self._is_known_at_plan(
                self.resources[value.address][value.attribute]
            )
        if isinstance(value, list) and not any(isinstance(inner, dict) for inner in value):
            return all(map(self._is_known_at_plan, value))
        return True

    # applied and traced

    def _applied(self) -> Stack:
        return self._made(lambda text, *_: text)

    def _traced(self) -> Stack:
        refs = {
            str(self.known(ref)): ref
            for arguments in self.resources.values()
            for ref in _refs(arguments)
            if not self._is_known_at_plan(ref)
        }

        def read(text: str, address: str, path: str) -> str:
            # as a resolved plan does it, an IPv6 range that AWS chooses is one from the range for documentation
            ref = refs.get(text)
            if ref is None:
                return text
            shown = text.replace("2a05:d018", "2001:db8")
            return Traced(shown, (Feed(ref.address, ref.attribute),), address, path)

        return self._made(read)

    def _made(self, read: Callable[[str, str, str], str]) -> Stack:
        resources = []
        for address, arguments in self.resources.items():
            mode, type_, name = _parts(address)
            after = {**_DEFAULTS.get(type_, {}), **{key: self._after(value) for key, value in arguments.items()}}
            made = (
                "id",
                "arn",
                *(
                    (
                        "default_security_group_id",
                        "default_route_table_id",
                        "main_route_table_id",
                        "default_network_acl_id",
                    )
                    if type_ == "aws_vpc"
                    else ()
                ),
            )
            for attribute in made:
                after.setdefault(attribute, self.known(Ref(address, attribute)))
            unknown = {path: True for owner, path in self.unknown if owner == address}
            action, before = self.actions.get(address, ("no-op", None))
            resources.append(
                Resource(
                    address=address,
                    module="",
                    mode=mode,
                    type=type_,
                    name=name,
                    index=None,
                    provider="aws",
                    raw={"change": {"actions": [action], "before": before, "after": after}},
                    values=(after, unknown, None),
                    sources=None,
                    wires=_NoWires(),
                    read=read,
                )
            )
        return Stack("test", resources, {})

    # planned

    def _planned(self) -> Stack:
        changes, configuration, prior, written = [], [], [], []
        for address, arguments in self.resources.items():
            mode, type_, name = _parts(address)
            head = {"address": address, "mode": mode, "type": type_, "name": name}
            configuration.append({**head, "provider_config_key": "aws", "expressions": _expressions(arguments)})
            if mode == "data":
                values = {"id": self.known(Ref(address, "id")), **self._after(arguments)}
                prior.append({**head, "values": values, "sensitive_values": {}})
            else:
                after, unknown = self._before_apply(address, arguments)
                computed = ("id", "arn", *_DEFAULTS.get(type_, {}))
                unknown |= {key: True for key in computed if key not in arguments}
                action, before = self.actions.get(address, ("create", None))
                changes.append(
                    {
                        **head,
                        "change": {
                            "actions": [action],
                            "before": before,
                            "after": after,
                            "after_unknown": unknown,
                            "after_sensitive": {},
                        },
                    }
                )
            kind = "data" if mode == "data" else "resource"
            body = "".join(f"  {line}\n" for key, value in arguments.items() for line in _hcl(key, value))
            written.append(f'{kind} "{type_}" "{name}" {{\n{body}}}\n')
        (self.folder / "main.tf").write_text("\n".join(written), encoding="utf-8")
        document = {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "resource_changes": changes,
            "prior_state": {"values": {"root_module": {"resources": prior}}},
            "configuration": {"root_module": {"resources": configuration}},
        }
        return Plan(document, environment="test", sources=Sources(self.folder, {"": "."})).resolved

    def _before_apply(self, address: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        after: dict[str, Any] = {}
        unknown: dict[str, Any] = {}
        for key, value in arguments.items():
            if not self._is_known_at_plan(value) or (address, key) in self.unknown:
                unknown[key] = True
            elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
                pairs = [self._before_apply(address, inner) for inner in value]
                after[key] = [known for known, _ in pairs]
                unknown[key] = [flags for _, flags in pairs]
            else:
                after[key] = self._after(value)
        return after, unknown


class _NoWires:
    """What a state has: no configuration; what is unknown in it, nobody can trace."""

    def wiring(self, resource: Resource, path: str) -> Wiring:  # noqa: ARG002
        return Wiring(exact=False, complete=False, reason="no references at hand")

    def ways(self, resource: Resource, path: str) -> tuple[Way, ...]:  # noqa: ARG002
        return ()

    def arguments(self, resource: Resource) -> tuple[str, ...]:  # noqa: ARG002
        return ()


def _parts(address: str) -> tuple[str, str, str]:
    mode = "data" if address.startswith("data.") else "managed"
    type_, name = address.removeprefix("data.").split(".", 1)
    return mode, type_, name


def _refs(value: Any) -> list[Ref]:
    if isinstance(value, Ref):
        return [value]
    if isinstance(value, dict):
        return [ref for inner in value.values() for ref in _refs(inner)]
    if isinstance(value, list):
        return [ref for inner in value for ref in _refs(inner)]
    return []


def _expressions(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _expression(value) for key, value in arguments.items()}


def _expression(value: Any) -> Any:
    if isinstance(value, list) and value and all(isinstance(inner, dict) for inner in value):
        return [_expressions(inner) for inner in value]
    refs = _refs(value)
    if refs:
        return {"references": [text for ref in refs for text in (f"{ref.address}.{ref.attribute}", ref.address)]}
    return {"constant_value": value}


def _hcl(key: str, value: Any) -> list[str]:
    if isinstance(value, list) and value and all(isinstance(inner, dict) for inner in value):
        lines = []
        for inner in value:
            lines += [f"{key} {{", *(f"  {line}" for k, v in inner.items() for line in _hcl(k, v)), "}"]
        return lines
    return [f"{key} = {_term(value)}"]


def _term(value: Any) -> str:
    if isinstance(value, Ref):
        return f"{value.address}.{value.attribute}"
    if isinstance(value, list):
        return f"[{', '.join(map(_term, value))}]"
    return json.dumps(value)
