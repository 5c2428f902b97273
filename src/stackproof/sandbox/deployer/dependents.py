"""What a call needs besides its own action: to pass a role, to tag what it makes, to use a key, to make a linked role.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.deployer.actions import prefix_of
from stackproof.sandbox.deployer.catalog import resource_types, spelled
from stackproof.sandbox.deployer.needs import Condition, Need
from stackproof.sandbox.deployer.parameters import Parameter, flat, stem
from stackproof.sandbox.deployer.resources import ACCOUNT, PARTITION, REGION, Resources
from stackproof.sandbox.deployer.rules import rules

_ROLE = re.compile(r"arn:[\w-]+:iam::(\d{12}):role/(.+)")
_CONNECTION = re.compile(r"arn:[\w-]+:(codestar-connections|codeconnections):[\w-]+:\d{12}:connection/")
_PROFILE = re.compile(r"(?:arn:[\w-]+:iam::\d{12}:instance-profile/(?:.+/)?)?([\w+=,.@-]+)")
_KEY = re.compile(r"arn:[\w-]+:kms:[\w-]+:\d{12}:(key|alias)/.+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|alias/.+")
_READING = ("Describe", "Get", "List", "Head", "BatchGet", "Delete", "Remove", "Untag")
_NOT_PASSED = ("iam", "sts", "kms", "ecr", "secretsmanager", "sns", "sqs")
"""Services whose parameters name roles as those who may do something, which is not to pass them."""
_NOT_FOUND = 404
_TAGS = ("tags", "taglist", "tagset", "tagging")


class Dependents:
    """What the calls of a run need besides their own actions."""

    def __init__(self, calls: Iterable[Call], resources: Resources, account: str) -> None:
        self._resources = resources
        self._account = account
        self._trusted: dict[str, tuple[str, ...]] = {}
        self._profiles: dict[str, list[str]] = {}
        self._encrypted: set[str] = set()
        for call in calls:
            self._learn(call)

    def of(self, call: Call) -> Iterator[Need]:
        """The needs of one call, without those of its own action."""
        yield from self._passes(call)
        yield from self._passes_connections(call)
        yield from self._tags(call)
        yield from self._uses_keys(call)
        yield from self._asks_more(call)
        yield from _makes_linked_roles(call)

    def _learn(self, call: Call) -> None:
        text = call.parameters.get
        match (call.service, call.action):
            case ("iam", "CreateRole" | "UpdateAssumeRolePolicy"):
                trusted = _services(text("AssumeRolePolicyDocument") or text("PolicyDocument"))
                self._trusted[str(text("RoleName"))] = trusted
            case ("iam", "AddRoleToInstanceProfile"):
                self._profiles.setdefault(str(text("InstanceProfileName")), []).append(str(text("RoleName")))
            case ("s3", "PutBucketEncryption") | ("secretsmanager", "CreateSecret" | "UpdateSecret"):
                if _keys(call):
                    self._encrypted.add(_about(call))

    def _passes(self, call: Call) -> Iterator[Need]:
        if (call.service, call.action) == ("iam", "AddRoleToInstanceProfile"):
            yield self._passed(str(call.parameters.get("RoleName", "")), call.service)
            return
        if call.service in _NOT_PASSED or call.action.startswith(_READING):
            return
        for parameter in flat(call.parameters):
            found = _ROLE.fullmatch(parameter.value)
            if found and "aws-service-role/" not in found[2] and _is_passed(parameter):
                yield self._passed(found[2], call.service, found[1])
            elif "instanceprofile" in parameter.path.lower() and (profile := _PROFILE.fullmatch(parameter.value)):
                for role in self._profiles.get(profile[1], ()):
                    yield self._passed(role, "iam")

    def _passes_connections(self, call: Call) -> Iterator[Need]:
        for value in sorted({each.value for each in flat(call.parameters)}):
            found = _CONNECTION.match(value)
            if found and f"{call.service}:{call.action}" in rules("connections")["operations"]:
                yield Need(f"{found[1]}:PassConnection", self._resources.arn(value), "connection")

    def _passed(self, role: str, service: str, account: str = "") -> Need:
        known = self._trusted.get(role.rpartition("/")[2], ())
        usual = tuple(rules("passed").get(service, ()))
        services = tuple(name for name in known if name in usual) or known or usual
        own = account if account and account != self._account else ACCOUNT
        given = (Condition("StringEquals", "iam:PassedToService", tuple(sorted(services))),) if services else ()
        path = "/".join(self._resources.name(part) for part in role.split("/"))
        return Need("iam:PassRole", f"arn:{PARTITION}:iam::{own}:role/{path}", "role", given)

    def _tags(self, call: Call) -> Iterator[Need]:
        action = _tagging_action(call)
        if action is None:
            return
        if call.service == "ec2":
            given = (Condition("StringEquals", "ec2:CreateAction", (call.action,)),)
            kinds = sorted(
                {each.value for each in flat(call.parameters) if each.path.endswith("TagSpecifications.ResourceType")}
            )
            for kind in kinds:
                yield Need(action, f"arn:{PARTITION}:ec2:{REGION}:{ACCOUNT}:{kind}/*", kind, given)
            return
        known = {kind.name for kind in resource_types(action)}
        own = spelled(f"{prefix_of(call.service)}:{call.action}") or ""
        about = tuple((kind, arn) for kind, arn in self._resources.of(own, call) if kind in known)
        for kind, arn in about or self._resources.made(call) or self._resources.of(action, call):
            yield Need(action, _without_rest(arn), kind)

    def _uses_keys(self, call: Call) -> Iterator[Need]:
        full = f"{call.service}:{call.action}"
        for action in rules("keys").get(full, ()):
            if _keys(call):
                yield _need_of_key(action, call.service)
        if _about(call) in self._encrypted:
            for action in rules("kept_keys").get(full, ()):
                yield _need_of_key(action, call.service)

    def _asks_more(self, call: Call) -> Iterator[Need]:
        for parameter, actions in rules("with").get(f"{call.service}:{call.action}", {}).items():
            name, _, harmless = parameter.partition("!")
            value = call.parameters.get(name)
            if value and value != harmless:
                for action in actions:
                    yield from (Need(action, arn, kind) for kind, arn in self._resources.of(action, call))
        # an object that is not there is only told of to who may list the bucket; to others it is forbidden
        if call.service == "s3" and call.action in ("GetObject", "HeadObject") and call.status == _NOT_FOUND:
            yield from (Need("s3:ListBucket", arn, kind) for kind, arn in self._resources.of("s3:ListBucket", call))


def _makes_linked_roles(call: Call) -> Iterator[Need]:
    service = rules("linked_roles").get(f"{call.service}:{call.action}")
    if service is None:
        return
    name = str(service).format_map({key: value for key, value in call.parameters.items() if isinstance(value, str)})
    given = (Condition("StringEquals", "iam:AWSServiceName", (name,)),)
    arn = f"arn:{PARTITION}:iam::{ACCOUNT}:role/aws-service-role/{name}/*"
    yield Need("iam:CreateServiceLinkedRole", arn, "service-linked role", given)


def _tagging_action(call: Call) -> str | None:
    """The action that a call's tags need; None for a call without tags, or one that is about tags alone."""
    given = [value for name, value in call.parameters.items() if name.lower() in _TAGS and value]
    specified = [value for name, value in call.parameters.items() if name == "TagSpecifications" and value]
    if not (given or specified) or "Tag" in call.action:
        return None
    prefix = prefix_of(call.service)
    own = f"{call.service}:{call.action}"
    if own in rules("tagging"):
        return str(rules("tagging")[own])
    if prefix == "s3":
        return None
    return str(rules("tagging").get(prefix, "")) or spelled(f"{prefix}:TagResource")


def _is_passed(parameter: Parameter) -> bool:
    return any(word in parameter.name.lower() for word in ("role", "permissionarn"))


def _services(document: object) -> tuple[str, ...]:
    """The services that a trust policy names."""
    try:
        read: Any = json.loads(document) if isinstance(document, str) else document
    except ValueError:
        return ()
    statements = read.get("Statement", ()) if isinstance(read, Mapping) else ()
    found: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal") if isinstance(statement, Mapping) else None
        services = principal.get("Service", ()) if isinstance(principal, Mapping) else ()
        found.update([services] if isinstance(services, str) else [str(each) for each in services])
    return tuple(sorted(found))


def _keys(call: Call) -> list[str]:
    """The keys of KMS that a call names."""
    found = {
        each.value
        for each in flat(call.parameters)
        if "kms" in each.name.lower() or stem(each.name) in ("key", "encryptionkey", "masterkey")
        if _KEY.fullmatch(each.value) and each.value != "alias/aws/s3"
    }
    return sorted(found)


def _need_of_key(action: str, service: str) -> Need:
    """A key, by whatever id, and only through the service that uses it.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    through = Condition("StringEquals", "kms:ViaService", (f"{prefix_of(service)}.{REGION}.amazonaws.com",))
    return Need(action, f"arn:{PARTITION}:kms:{REGION}:{ACCOUNT}:key/*", "key", (through,))


def _about(call: Call) -> str:
    """What tells a bucket or a secret from others, as calls name it."""
    given = call.parameters
    name = str(given.get("Bucket") or given.get("Name") or given.get("SecretId") or "")
    if name.startswith("arn:"):
        name = re.sub(r"-\w{6}$", "", name.rpartition(":secret:")[2])
    return f"{call.service} {name}"


def _without_rest(arn: str) -> str:
    """A log group's tags are those of the group, not of what is in it."""
    return arn.removesuffix(":*") if ":log-group:" in arn else arn
