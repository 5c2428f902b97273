"""The stack with the other answer to every choice that no environment makes yet, planned and resolved for real.

They take seconds to plan, so the gate leaves them out and the whole test run does not.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stackproof.plan import Plan
from stackproof.planner import CacheMode, Planner
from stackproof.settings import Sandbox, load_settings

REPOSITORY = Path(__file__).parents[2]

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
CONNECTION = "arn:aws:codeconnections:us-east-1:123456789012:connection/12345678-1234-1234-1234-123456789012"
API_KEY_SECRET = "shared/alpha-vantage-api-key"
TOKEN_SECRET = "shared/github-oauth-token"
TOKEN = "a-token-that-nothing-may-keep"

VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "connected": {
        "certificate_arn": CERTIFICATE,
        "github_connection_arn": CONNECTION,
        "environment_variables": {"LOG_LEVEL": "debug", "CACHE_SECONDS": "60"},
        "notification_emails": ["team@example.com", "duty@example.com"],
    },
    "existing": {
        "alpha_vantage_secret_name": API_KEY_SECRET,
        "github_token_secret_name": TOKEN_SECRET,
    },
}

NONSENSE: Mapping[str, Mapping[str, Any]] = {
    "nonsense": {
        "project": "Stock Dashboard",
        "environment": "production",
        "aws_region": "virginia",
        "vpc_cidr": "10.0.0.0/33",
        "certificate_arn": "certificate/1",
        "task_cpu": 300,
        "min_tasks": 0,
        "image_tag": "a tag",
        "environment_variables": {"GITHUB_TOKEN": "plain"},
        "alpha_vantage_secret_name": "no name?",
        "github_token_secret_name": "no name?",
        "secret_recovery_window_days": 3,
        "github_repository": "stock-dashboard",
        "github_branch": "no branch",
        "github_connection_arn": "connection/1",
        "notification_emails": ["team"],
        "cpu_alarm_threshold_percent": 0,
        "memory_alarm_threshold_percent": 100,
        "unhealthy_targets_alarm_threshold": -1,
        "pipeline_failures_alarm_threshold": 0.5,
    },
    # these two are held against variables that must be right themselves
    "misfit": {"task_cpu": 256, "task_memory": 4096, "min_tasks": 2, "max_tasks": 1},
}


@pytest.fixture(scope="session")
def planner() -> Iterator[Planner]:
    """Plans prod with other variables, in an account that has secrets already."""
    port = _free_port()
    settings = replace(load_settings(REPOSITORY / "pyproject.toml"), sandbox=Sandbox(port=port))
    stack = settings.stack("stock-dashboard")
    prod = stack.environment("prod")
    variants = {
        name: replace(prod, name=name, variables=variables) for name, variables in {**VARIANTS, **NONSENSE}.items()
    }
    with Planner(settings, replace(stack, environments=variants), cache=CacheMode.OFF) as planner:
        planner.prepare()
        _create_secrets(port)
        planner.start(VARIANTS, resolve=True)
        yield planner


@pytest.fixture(scope="session")
def connected(planner: Planner) -> Plan:
    """The stack with a certificate, a connection to GitHub, plain variables and subscribers."""
    return planner.plan("connected")


@pytest.fixture(scope="session")
def existing(planner: Planner) -> Plan:
    """The stack with secrets that exist already, one of them encrypted with a key of its own."""
    return planner.plan("existing")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _create_secrets(port: int) -> None:
    import boto3  # type: ignore[import-untyped]
    from botocore.config import Config  # type: ignore[import-untyped]

    account = {
        "endpoint_url": f"http://127.0.0.1:{port}",
        "region_name": "us-east-1",
        "aws_access_key_id": "AKIAEMULATEDEXAMPLE0",
        "aws_secret_access_key": "emulated",
        "config": Config(retries={"total_max_attempts": 10, "mode": "standard"}),
    }
    key = boto3.client("kms", **account).create_key()["KeyMetadata"]["Arn"]
    secrets = boto3.client("secretsmanager", **account)
    secrets.create_secret(Name=API_KEY_SECRET, KmsKeyId=key, SecretString="a-key")
    secrets.create_secret(Name=TOKEN_SECRET, SecretString=TOKEN)
