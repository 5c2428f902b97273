"""moto 5.2.5 takes a role for a pipeline only if each statement of its trust policy names one service, as a text.

AWS takes a list of services, statements for other principals beside, and a single statement outside a list.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import importlib
import json
from types import SimpleNamespace
from typing import Any

SERVICE = "codepipeline"


def install() -> None:
    """Show moto a statement for each service that a role trusts."""
    backend: Any = importlib.import_module("moto.codepipeline.models").CodePipelineBackend
    roles = backend.iam_backend.fget

    def plain_roles(self: Any) -> Any:  # noqa: ANN401
        def get_role_by_arn(arn: str) -> SimpleNamespace:
            document = json.loads(roles(self).get_role_by_arn(arn).assume_role_policy_document)
            statements = [{"Principal": {"Service": service}} for service in trusted_services(document)]
            return SimpleNamespace(assume_role_policy_document=json.dumps({"Statement": statements}))

        return SimpleNamespace(get_role_by_arn=get_role_by_arn)

    backend.iam_backend = property(plain_roles)


def trusted_services(document: dict[str, Any]) -> list[str]:
    """The services that a trust policy allows anything."""
    services: list[str] = []
    for statement in _listed(document["Statement"]):
        principal = statement.get("Principal")
        if statement["Effect"] == "Allow" and isinstance(principal, dict):
            services += _listed(principal.get("Service", []))
    return services


def _listed(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else [value]
