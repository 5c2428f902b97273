"""Small stacks for questions of access: a plan document from a few resources, with values and references."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings

from stackproof.plan import Plan

# what is slow on a busy machine is not wrong
settings.register_profile("access", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("access")

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "999988887777"

Statement = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """A resource of a plan: known values, marks of unknown and sensitive ones, what arguments refer to."""

    address: str
    values: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, Any] = field(default_factory=dict)
    references: dict[str, Any] = field(default_factory=dict)
    sensitive: dict[str, Any] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[str, str, str]:
        """Mode, type and name."""
        mode, _, rest = self.address.rpartition("data.")
        kind, name = rest.split(".", 1)
        return "data" if mode or self.address.startswith("data.") else "managed", kind, name


def entry(address: str, *, unknown: tuple[str, ...] = (), refers: dict[str, Any] | None = None, **values: Any) -> Entry:
    """A resource whose arguments are `values`; attributes in `unknown`, and `refers` to expressions, are not known."""
    return Entry(address, values, dict.fromkeys(unknown, True), refers or {})


def stack(*entries: Entry) -> Plan:
    """A plan that creates these resources."""
    changes, configuration = [], []
    for each in entries:
        mode, kind, name = each.parts
        changes.append(
            {
                "address": each.address,
                "mode": mode,
                "type": kind,
                "name": name,
                "provider_name": "registry.terraform.io/hashicorp/aws",
                "change": {
                    "actions": ["read" if mode == "data" else "create"],
                    "before": None,
                    "after": each.values,
                    "after_unknown": each.unknown,
                    "before_sensitive": False,
                    "after_sensitive": each.sensitive,
                },
            }
        )
        constants = {name: {"constant_value": value} for name, value in each.values.items()}
        configuration.append(
            {
                "address": each.address,
                "mode": mode,
                "type": kind,
                "name": name,
                "expressions": {**constants, **each.references},
            }
        )
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": configuration}},
    }
    return Plan(document, environment="test")


def allow(action: str | list[str], resource: str | list[str] | None = "*", **more: Any) -> Statement:
    """A statement that allows actions on resources; without `resource`, on what its policy is on."""
    return {"Effect": "Allow", "Action": action, **({"Resource": resource} if resource else {}), **more}


def deny(action: str | list[str], resource: str | list[str] | None = "*", **more: Any) -> Statement:
    """A statement that denies actions on resources."""
    return {**allow(action, resource, **more), "Effect": "Deny"}


def policy(*statements: Statement, version: str = "2012-10-17") -> str:
    """A policy document."""
    return json.dumps({"Version": version, "Statement": list(statements)})


def trusting(principal: Any, **more: Any) -> str:
    """A trust policy."""
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


def role(name: str, *, trust: str = "", account: str = ACCOUNT, **values: Any) -> Entry:
    """A role with a known ARN, which EC2 may assume unless `trust` says otherwise."""
    return entry(
        f"aws_iam_role.{name}",
        name=name,
        arn=f"arn:aws:iam::{account}:role/{name}",
        assume_role_policy=trust or trusting({"Service": "ec2.amazonaws.com"}),
        **values,
    )


def role_policy(role_name: str, *statements: Statement, name: str = "own", version: str = "2012-10-17") -> Entry:
    """An inline policy of a role."""
    document = policy(*statements, version=version)
    return entry(f"aws_iam_role_policy.{role_name}_{name}", role=role_name, name=name, policy=document)


def user(name: str, *statements: Statement, account: str = ACCOUNT, **values: Any) -> tuple[Entry, ...]:
    """A user with a known ARN, and its inline policy."""
    itself = entry(f"aws_iam_user.{name}", name=name, arn=f"arn:aws:iam::{account}:user/{name}", **values)
    own = entry(f"aws_iam_user_policy.{name}", user=name, name="own", policy=policy(*statements))
    return (itself, own) if statements else (itself,)


def bucket(name: str, *statements: Statement) -> tuple[Entry, ...]:
    """A bucket with a known ARN, and its policy."""
    itself = entry(f"aws_s3_bucket.{name}", bucket=name, id=name, arn=f"arn:aws:s3:::{name}")
    own = entry(f"aws_s3_bucket_policy.{name}", bucket=name, policy=policy(*statements))
    return (itself, own) if statements else (itself,)


def managed_policy(name: str, *statements: Statement, account: str = ACCOUNT) -> Entry:
    """A customer-managed policy with a known ARN."""
    arn = f"arn:aws:iam::{account}:policy/{name}"
    return entry(f"aws_iam_policy.{name}", name=name, arn=arn, policy=policy(*statements))
