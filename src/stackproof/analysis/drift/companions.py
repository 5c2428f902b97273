"""Attributes in which the provider shows what other resources of the stack make: an apply fills them, not a stranger.

A security group is recorded before its rules are made, and a role before its policies. The next refresh finds both
in the group and in the role, although nobody changed a thing. What a resource of the stack accounts for is therefore
no drift of the resource that shows it, and the rest is what nobody has declared:
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/security_group
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/iam_role
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stackproof.analysis.drift.differences import Difference
from stackproof.plan.values import Value, Withheld

Values = Mapping[str, Any]
Atom = tuple[tuple[str, Any], ...]
"""One thing that can be there or not, such as a port opened to one source, in the words in which it is told."""

_IDENTITIES = ("id", "arn", "name", "url", "key_id")

WHOLE: Mapping[tuple[str, str], tuple[str, str]] = {
    ("aws_ecs_cluster", "capacity_providers"): ("aws_ecs_cluster_capacity_providers", "cluster_name"),
    ("aws_ecs_cluster", "default_capacity_provider_strategy"): ("aws_ecs_cluster_capacity_providers", "cluster_name"),
    ("aws_kms_key", "policy"): ("aws_kms_key_policy", "key_id"),
    ("aws_s3_bucket", "acceleration_status"): ("aws_s3_bucket_accelerate_configuration", "bucket"),
    ("aws_s3_bucket", "acl"): ("aws_s3_bucket_acl", "bucket"),
    ("aws_s3_bucket", "cors_rule"): ("aws_s3_bucket_cors_configuration", "bucket"),
    ("aws_s3_bucket", "grant"): ("aws_s3_bucket_acl", "bucket"),
    ("aws_s3_bucket", "lifecycle_rule"): ("aws_s3_bucket_lifecycle_configuration", "bucket"),
    ("aws_s3_bucket", "logging"): ("aws_s3_bucket_logging", "bucket"),
    ("aws_s3_bucket", "object_lock_configuration"): ("aws_s3_bucket_object_lock_configuration", "bucket"),
    ("aws_s3_bucket", "policy"): ("aws_s3_bucket_policy", "bucket"),
    ("aws_s3_bucket", "replication_configuration"): ("aws_s3_bucket_replication_configuration", "bucket"),
    ("aws_s3_bucket", "request_payer"): ("aws_s3_bucket_request_payment_configuration", "bucket"),
    ("aws_s3_bucket", "server_side_encryption_configuration"): (
        "aws_s3_bucket_server_side_encryption_configuration",
        "bucket",
    ),
    ("aws_s3_bucket", "versioning"): ("aws_s3_bucket_versioning", "bucket"),
    ("aws_s3_bucket", "website"): ("aws_s3_bucket_website_configuration", "bucket"),
    ("aws_s3_bucket", "website_domain"): ("aws_s3_bucket_website_configuration", "bucket"),
    ("aws_s3_bucket", "website_endpoint"): ("aws_s3_bucket_website_configuration", "bucket"),
    ("aws_secretsmanager_secret", "policy"): ("aws_secretsmanager_secret_policy", "secret_arn"),
    ("aws_sns_topic", "policy"): ("aws_sns_topic_policy", "arn"),
    ("aws_sqs_queue", "policy"): ("aws_sqs_queue_policy", "queue_url"),
    ("aws_sqs_queue", "redrive_allow_policy"): ("aws_sqs_queue_redrive_allow_policy", "queue_url"),
    ("aws_sqs_queue", "redrive_policy"): ("aws_sqs_queue_redrive_policy", "queue_url"),
    ("aws_vpc", "default_route_table_id"): ("aws_main_route_table_association", "vpc_id"),
    ("aws_vpc", "main_route_table_id"): ("aws_main_route_table_association", "vpc_id"),
}
"""Attributes that another resource sets as a whole, and shows the drift of; and its argument that names the owner."""

FOLLOWS: Mapping[tuple[str, str], str] = {
    ("aws_eip", "private_dns"): "private_ip",
    ("aws_eip", "public_dns"): "public_ip",
}
"""Attributes that are made of another one, which tells the same."""


class Companions:
    """The resources of a stack by what they say of others.

    `resources` are (address, type, values) of all of them, as they are recorded, are and shall be.
    """

    def __init__(self, resources: Iterable[tuple[str, str, Values]]) -> None:
        self._by_type: dict[str, list[Values]] = {}
        self._texts: list[tuple[str, frozenset[str]]] = []
        for address, kind, values in resources:
            values = _readable(values)
            self._by_type.setdefault(kind, []).append(values)
            self._texts.append((address, frozenset(_texts(values))))

    def unaccounted(
        self, address: str, type: str, name: str, before: Values, after: Values
    ) -> Iterator[Difference] | None:
        """What no other resource of the stack accounts for in an attribute, None where nothing is known of it here."""
        owner = {text for key in _IDENTITIES for side in (before, after) if isinstance(text := side.get(key), str)}
        whole = WHOLE.get((type, name))
        if whole is not None and any(values.get(whole[1]) in owner for values in self._named(whole[0])):
            return iter(())
        if (type, name) in FOLLOWS:
            source = FOLLOWS[type, name]
            same = before.get(source) == after.get(source)
            return None if same else iter(())
        if type == "aws_iam_policy" and name == "attachment_count":
            return iter(()) if after.get(name) == self._attachments(owner) else None
        shared = SHARED.get((type, name))
        if shared is not None:
            return self._of_shared(shared, owner, name, before.get(name), after.get(name))
        others = [texts for other, texts in self._texts if other != address and texts & owner]
        new = _new_texts(before.get(name), after.get(name))
        return iter(()) if new and all(any(text in texts for texts in others) for text in new) else None

    def _of_shared(
        self, shared: _Shared, owner: set[str], name: str, before: Value, after: Value
    ) -> Iterator[Difference]:
        was, now = (set(shared.split(_readable(side) or [], owner)) for side in (before, after))
        made = {
            atom
            for kind, argument, read in shared.makers
            for values in self._named(kind)
            if _names(values.get(argument), owner)
            for atom in read(values, owner)
        }
        gone, new = _told(was - now - made), _told(now - was - made)
        return iter([Difference((name,), gone, new)] if gone or new else [])

    def _attachments(self, policy: set[str]) -> int:
        held = {
            (kind, str(values.get(argument)))
            for kind, argument in (
                ("aws_iam_role_policy_attachment", "role"),
                ("aws_iam_user_policy_attachment", "user"),
                ("aws_iam_group_policy_attachment", "group"),
            )
            for values in self._named(kind)
            if values.get("policy_arn") in policy
        }
        held |= {
            (kind, name)
            for values in self._named("aws_iam_policy_attachment")
            if values.get("policy_arn") in policy
            for kind in ("roles", "users", "groups")
            for name in values.get(kind) or ()
        }
        return len(held)

    def _named(self, type: str) -> Sequence[Values]:
        return self._by_type.get(type, ())


@dataclass(frozen=True)
class _Shared:
    """An attribute to which several resources add: how it falls into atoms, and which resources make which of them.

    A maker is a type, its argument that names the owner, and what it makes.
    """

    split: Callable[[Sequence[Values], set[str]], Iterator[Atom]]
    makers: Sequence[tuple[str, str, Callable[[Values, set[str]], Iterator[Atom]]]]


def _readable(value: Value) -> Any:  # noqa: ANN401  # as a value is
    """A value in which the parts that nobody may use are texts that equal no other."""
    if isinstance(value, Withheld):
        return repr(value)
    if isinstance(value, dict):
        return {key: _readable(inner) for key, inner in value.items()}
    return [_readable(inner) for inner in value] if isinstance(value, list) else value


def _names(value: object, owner: set[str]) -> bool:
    return any(item in owner for item in value) if isinstance(value, list) else value in owner


def _told(atoms: set[Atom]) -> list[dict[str, Any]] | None:
    return [dict(atom) for atom in sorted(atoms, key=repr)] or None


def _new_texts(before: Value, after: Value) -> set[str]:
    """The texts that came to an attribute; none where something else happened to it, too.

    By these an address knows its gateway, and a target group its load balancer.
    """
    if isinstance(after, str) and after and isinstance(before, str | None):
        return {after}
    if isinstance(after, list) and isinstance(before, list | None):
        was = before or []
        if all(isinstance(item, str) for item in [*was, *after]) and set(was) < set(after):
            return set(after) - set(was)
    return set()


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _traffic(protocol: object, ports: tuple[object, object], source: str) -> Atom:
    if str(protocol) in ("-1", "all"):
        return (("protocol", "all"), ("peer", source))
    return (("protocol", str(protocol)), ("from_port", ports[0]), ("to_port", ports[1]), ("peer", source))


def _group_rules(rules: Sequence[Values], owner: set[str]) -> Iterator[Atom]:
    for rule in rules:
        yield from _any_rule(rule, owner, ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"))


def _old_rule(values: Values, owner: set[str]) -> Iterator[Atom]:
    peers = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "source_security_group_id")
    yield from _any_rule(values, owner, peers)


def _any_rule(rule: Values, owner: set[str], peers: Sequence[str]) -> Iterator[Atom]:
    found = [text for peer in peers for text in _listed(rule.get(peer))]
    for peer in {*found, *(["self"] if rule.get("self") else [])}:
        yield _traffic(rule.get("protocol"), (rule.get("from_port"), rule.get("to_port")), _peer(peer, owner))


def _new_rule(values: Values, owner: set[str]) -> Iterator[Atom]:
    for peer in ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"):
        if isinstance(text := values.get(peer), str) and text:
            ports = values.get("from_port"), values.get("to_port")
            yield _traffic(values.get("ip_protocol"), ports, _peer(text, owner))


def _peer(text: str, owner: set[str]) -> str:
    # of another account's group, the rule has the account's number in front
    name = text.rsplit("/", 1)[-1] if "/sg-" in text else text
    return "self" if name in owner else name


def _listed(value: object) -> list[str]:
    return (
        [text for text in value if isinstance(text, str)]
        if isinstance(value, list)
        else [value]
        if isinstance(value, str) and value
        else []
    )


def _of_direction(
    direction: str, read: Callable[[Values, set[str]], Iterator[Atom]]
) -> Callable[[Values, set[str]], Iterator[Atom]]:
    return lambda values, owner: read(values, owner) if values.get("type") == direction else iter(())


def _inline_policies(policies: Sequence[Values], _: set[str]) -> Iterator[Atom]:
    # the provider shows one without a name where there is none at all
    return (_inline_policy(policy) for policy in policies if policy.get("name"))


def _inline_policy(values: Values) -> Atom:
    document = values.get("policy")
    if isinstance(document, str):
        with contextlib.suppress(ValueError):
            document = json.dumps(json.loads(document), sort_keys=True)
    return (("name", values.get("name")), ("policy", document))


def _texts_as(word: str) -> Callable[[Sequence[Any], set[str]], Iterator[Atom]]:
    return lambda texts, _: (((word, text),) for text in texts)


def _argument_as(argument: str, word: str) -> Callable[[Values, set[str]], Iterator[Atom]]:
    return lambda values, _: iter([((word, values.get(argument)),)])


_DESTINATIONS = (
    ("cidr_block", "destination_cidr_block"),
    ("ipv6_cidr_block", "destination_ipv6_cidr_block"),
    ("destination_prefix_list_id", "destination_prefix_list_id"),
)
_TARGETS = (
    "carrier_gateway_id", "core_network_arn", "egress_only_gateway_id", "gateway_id", "local_gateway_id",
    "nat_gateway_id", "network_interface_id", "transit_gateway_id", "vpc_endpoint_id", "vpc_peering_connection_id",
)  # fmt: skip


def _routes(routes: Sequence[Values], _: set[str]) -> Iterator[Atom]:
    return (_route(route, [shown for shown, _ in _DESTINATIONS]) for route in routes)


def _route(values: Values, destinations: Sequence[str]) -> Atom:
    to = next((values[name] for name in destinations if values.get(name)), None)
    via = next((values[name] for name in _TARGETS if values.get(name)), None)
    return (("destination", to), ("target", via))


def _acl_rules(rules: Sequence[Values], _: set[str]) -> Iterator[Atom]:
    return (_acl_rule(rule, ("rule_no", "action")) for rule in rules)


def _acl_rule(values: Values, names: tuple[str, str]) -> Atom:
    said = (*names, "protocol", "from_port", "to_port", "cidr_block", "ipv6_cidr_block")
    words = ("number", "action", "protocol", "from_port", "to_port", "cidr_block", "ipv6_cidr_block")
    return tuple((word, values.get(name) or None) for word, name in zip(words, said, strict=True))


def _of_acl(egress: bool) -> Callable[[Values, set[str]], Iterator[Atom]]:
    return lambda values, _: iter(
        [_acl_rule(values, ("rule_number", "rule_action"))] if bool(values.get("egress")) is egress else []
    )


def _rules_of(direction: str) -> _Shared:
    return _Shared(
        _group_rules,
        (
            (f"aws_vpc_security_group_{direction}_rule", "security_group_id", _new_rule),
            ("aws_security_group_rule", "security_group_id", _of_direction(direction, _old_rule)),
        ),
    )


_ROUTES = _Shared(
    _routes,
    (("aws_route", "route_table_id", lambda values, _: iter([_route(values, [said for _, said in _DESTINATIONS])])),),
)

SHARED: Mapping[tuple[str, str], _Shared] = {
    ("aws_default_route_table", "route"): _ROUTES,
    ("aws_iam_role", "inline_policy"): _Shared(
        _inline_policies, (("aws_iam_role_policy", "role", lambda values, _: iter([_inline_policy(values)])),)
    ),
    ("aws_iam_role", "managed_policy_arns"): _Shared(
        _texts_as("policy_arn"),
        (
            ("aws_iam_role_policy_attachment", "role", _argument_as("policy_arn", "policy_arn")),
            ("aws_iam_policy_attachment", "roles", _argument_as("policy_arn", "policy_arn")),
        ),
    ),
    ("aws_network_acl", "egress"): _Shared(_acl_rules, (("aws_network_acl_rule", "network_acl_id", _of_acl(True)),)),
    ("aws_network_acl", "ingress"): _Shared(_acl_rules, (("aws_network_acl_rule", "network_acl_id", _of_acl(False)),)),
    ("aws_route_table", "route"): _ROUTES,
    ("aws_security_group", "egress"): _rules_of("egress"),
    ("aws_security_group", "ingress"): _rules_of("ingress"),
    ("aws_vpc_endpoint", "route_table_ids"): _Shared(
        _texts_as("id"),
        (("aws_vpc_endpoint_route_table_association", "vpc_endpoint_id", _argument_as("route_table_id", "id")),),
    ),
    ("aws_vpc_endpoint", "security_group_ids"): _Shared(
        _texts_as("id"),
        (("aws_vpc_endpoint_security_group_association", "vpc_endpoint_id", _argument_as("security_group_id", "id")),),
    ),
    ("aws_vpc_endpoint", "subnet_ids"): _Shared(
        _texts_as("id"),
        (("aws_vpc_endpoint_subnet_association", "vpc_endpoint_id", _argument_as("subnet_id", "id")),),
    ),
}
"""Attributes to which several resources add, by the owner's type and the attribute's name."""
