"""Who asks and what is asked for: principals and resources of a question, found in the stack or taken by their ARN."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from stackproof.analysis.access.documents.statements import Text
from stackproof.analysis.access.gathering.collection import Identities, Identity, Role, User
from stackproof.analysis.access.gathering.resource_arns import arn_of
from stackproof.analysis.access.patterns import globs
from stackproof.analysis.access.patterns.truth import Maybe, Truth
from stackproof.errors import PlanError
from stackproof.plan import Resource, Stack
from stackproof.plan.resolution import arns
from stackproof.plan.values import Unknown, Value

FEDERATED = frozenset({"accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"})
"""Identity providers that a trust policy names without an ARN."""

_ACCOUNT = re.compile(r"\d{12}")
_SERVICE = re.compile(r"[\w-]+(\.[\w-]+)*\.amazonaws\.com(\.cn)?")
_IDENTITY = re.compile(r"arn:[^:]*:iam:")
_WILD = re.compile(r"[*?]")

ARN_PARTS = 6


class Kind(StrEnum):
    """What a principal is, in the words of its ARN or of a policy."""

    ROLE = "role"
    USER = "user"
    SESSION = "role session"
    ROOT = "account root"
    SERVICE = "service"
    FEDERATED = "federated identity"
    ANYBODY = "anybody"


@dataclass(frozen=True, eq=False)
class Caller:
    """A principal. `arn` is a glob where the plan does not know all of it, `account` is empty where nobody knows it.

    `identity` is None for what is outside the stack, a service, and the like.
    """

    kind: Kind
    label: str
    arn: str
    account: str = ""
    identity: Identity | None = None


@dataclass(frozen=True, eq=False)
class Target:
    """What a request is for: an ARN, or a glob for whatever it matches; `account` is empty where it does not say.

    `holder` is the resource of the stack that this is, or that this belongs to.
    """

    label: str
    arn: str
    account: str = ""
    holder: Resource | None = None
    is_glob: bool = False


class Parties:
    """Finds the parties to a question in one stack."""

    def __init__(self, stack: Stack, identities: Identities) -> None:
        self._stack = stack
        self._identities = identities

    def identity(self, what: Resource | str) -> Identity | None:
        """The role, user or group that a resource, an address, an ARN or a name means; None where there is none."""
        if isinstance(what, Resource):
            return self._by_address.get(what.address)
        if what in self._by_address:
            return self._by_address[what]
        if not what.startswith("arn:"):
            named = [identity for identity in self._by_address.values() if _text(identity.name) == what]
            return named[0] if len(named) == 1 else None
        found = [identity for identity in self._by_address.values() if globs.matches(self._arn_of(identity), what)]
        return found[0] if len(found) == 1 else None

    def caller(self, who: Resource | str) -> Caller:
        """The principal that a question names; raises PlanError for what is none."""
        label = who.address if isinstance(who, Resource) else who
        if label in self._stack:
            return self._caller_in_stack(label)
        if label == "*":
            return Caller(Kind.ANYBODY, "anybody", "")
        if _ACCOUNT.fullmatch(label):
            return Caller(Kind.ROOT, f"the root user of {label}", f"arn:{self.partition}:iam::{label}:root", label)
        if label in FEDERATED:
            return Caller(Kind.FEDERATED, label, label)
        if label.startswith("arn:"):
            return self._caller_by_arn(label)
        if _SERVICE.fullmatch(label):
            return Caller(Kind.SERVICE, label, label)
        raise self._not_found(
            label, "principal", 'give a role, an address, an ARN, or a service as "ecs.amazonaws.com".'
        )

    def _caller_in_stack(self, address: str) -> Caller:
        identity = self._by_address.get(address)
        if isinstance(identity, Role | User):
            arn = self._arn_of(identity)
            kind = Kind.ROLE if isinstance(identity, Role) else Kind.USER
            return Caller(kind, address, arn, account_in(arn) or self.account, identity)
        arn = _text(self._stack[address].get("arn"))
        if self._stack[address].mode == "data" and re.search(r":iam::\d+:(role|user)/", arn):
            return self._caller_by_arn(arn)
        remedy = "ask about its users." if identity else "ask about the role that it runs as."
        raise PlanError(f"{address} is no principal, which is a role, a user or a service", remedy=remedy)

    def _caller_by_arn(self, arn: str) -> Caller:
        parts = arn.split(":", ARN_PARTS - 1)
        what = parts[-1]
        if len(parts) < ARN_PARTS or _WILD.search(arn):
            raise PlanError(f"{arn} names no single principal", remedy="give the whole ARN, without wildcards.")
        account = parts[4]
        if what == "root":
            return Caller(Kind.ROOT, f"the root user of {account}", arn, account)
        if what.startswith(("oidc-provider/", "saml-provider/")):
            return Caller(Kind.FEDERATED, arn, arn, account)
        if what.startswith("assumed-role/") and what.count("/") > 1:
            role = self._role_of_session(account, what.split("/")[1])
            return Caller(Kind.SESSION, arn, arn, account, role)
        if what.startswith(("role/", "user/")):
            kind = Kind.ROLE if what.startswith("role/") else Kind.USER
            return Caller(kind, arn, arn, account, self.identity(arn))
        raise PlanError(f"{arn} is no principal", remedy="name a role, a user, a session, or an identity provider.")

    def _role_of_session(self, account: str, name: str) -> Identity | None:
        for role in self._identities.roles:
            if _text(role.name) == name and (account_in(self._arn_of(role)) or account) == account:
                return role
        return None

    def target(self, what: Resource | str) -> Target:
        """The resource that a question names; raises PlanError for what has no ARN."""
        label = what.address if isinstance(what, Resource) else what
        if label in self._stack:
            resource = self._stack[label]
            arn = self.arn(resource)
            holder = resource if resource.mode == "managed" else None
            account = account_in(arn) or (self.account if holder else "")
            return Target(label, arn, account, holder, is_glob=bool(_WILD.search(arn)))
        if label == "*":
            return Target("*", "*", is_glob=True)
        if label.startswith("arn:") and label.count(":") >= ARN_PARTS - 1:
            holder = self.holder(label)
            account = account_in(label) or (self.account if holder else "")
            return Target(label, label, account, holder, is_glob=bool(_WILD.search(label)))
        raise self._not_found(label, "resource", 'give a resource, an address, a whole ARN or "*".')

    def arn(self, resource: Resource) -> str:
        """The ARN of a resource, with wildcards for what the plan does not know; PlanError for one that has none."""
        return arn_of(resource, partition=self.partition, account=self.account)

    def holder(self, arn: str) -> Resource | None:
        """The resource of the stack with that ARN, or the one that it is a part of, such as the bucket of an object."""
        whole = arn
        while whole.count(":") >= ARN_PARTS - 1:
            if whole in self._by_arn:
                return self._by_arn[whole]
            # what follows the slash of an identity is its name
            at = 0 if _IDENTITY.match(arn) else max(whole.rfind("/"), whole.rfind(":"))
            whole = whole[:at]
        for glob, resource in self._by_glob:
            if globs.matches(glob, arn) or (not _IDENTITY.match(arn) and globs.matches(f"{glob}/*", arn)):
                return resource
        return None

    @cached_property
    def accounts(self) -> frozenset[str]:
        """Every account that the stack is known to have something in."""
        told = {account_in(arn) for arn in self._by_arn}
        told |= {_text(data.get("account_id")) for data in self._stack.data_sources("aws_caller_identity")}
        return frozenset(told - {""})

    @cached_property
    def account(self) -> str:
        """The account of the stack, where all that is known of it tells the same; else empty."""
        return next(iter(self.accounts)) if len(self.accounts) == 1 else ""

    def share_account(self, caller: Caller, target: Target) -> Truth:
        """Whether both are in one account; where nobody knows, a stack that is known in one only has no other."""
        if caller.account and target.account:
            return caller.account == target.account
        if len(self.accounts | {caller.account} - {""}) > 1:
            return Maybe(f"it depends on the account of {target.label if caller.account else caller.label}")
        return True

    @cached_property
    def partition(self) -> str:
        """The partition of the stack, where all ARNs in it tell the same; else a wildcard."""
        told = {arn.split(":")[1] for arn in (*self._by_arn, *self._texts_of_policies()) if arn.startswith("arn:")}
        told |= {_text(data.get("partition")) for data in self._stack.data_sources("aws_partition")} - {""}
        told = {partition for partition in told if not _WILD.search(partition)}
        return told.pop() if len(told) == 1 else "*"

    @cached_property
    def _by_address(self) -> dict[str, Identity]:
        identities = self._identities
        return {identity.address: identity for identity in (*identities.roles, *identities.users, *identities.groups)}

    @cached_property
    def _by_arn(self) -> dict[str, Resource]:
        arns_known = ((_text(resource.get("arn")), resource) for resource in self._stack.resources())
        return {arn: resource for arn, resource in arns_known if arn}

    @cached_property
    def _by_glob(self) -> list[tuple[str, Resource]]:
        unknown = (r for r in self._stack.resources() if r.type in arns.ARNS and isinstance(r.get("arn"), Unknown))
        return [(self.arn(resource), resource) for resource in unknown]

    def _arn_of(self, identity: Identity) -> str:
        return _text(identity.arn) or self.arn(self._stack[identity.address])

    def _texts_of_policies(self) -> Iterator[str]:
        for identity in self._by_address.values():
            for policy in identity.policies:
                for statement in policy.statements:
                    yield from (text for text in statement.resources if isinstance(text, str))

    def _not_found(self, label: str, what: str, remedy: str) -> PlanError:
        close = difflib.get_close_matches(label, [resource.address for resource in self._stack], n=3)
        return PlanError(
            f"{label!r} is no {what} that {self._stack.environment} has",
            remedy=f"did you mean {' or '.join(close)}?" if close else remedy,
        )


def account_in(arn: str) -> str:
    """The account in an ARN; empty where there is none."""
    parts = arn.split(":")
    return parts[4] if len(parts) >= ARN_PARTS and _ACCOUNT.fullmatch(parts[4]) else ""


def _text(value: Value | Text) -> str:
    return str.__str__(value) if isinstance(value, str) else ""
