"""moto 5.2.5 keeps the versions of a state machine, but cannot list them.

The provider asks for them whenever it reads a state machine.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachineVersions.html
"""

from __future__ import annotations

import importlib
import json
from typing import Any

SERVICE = "stepfunctions"


def install() -> None:
    """List them, the newest first."""
    responses: Any = importlib.import_module("moto.stepfunctions.responses").StepFunctionResponse
    responses.list_state_machine_versions = _list_state_machine_versions


def _list_state_machine_versions(self: Any) -> str:  # noqa: ANN401
    machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
    told = [
        {"stateMachineVersionArn": version.arn, "creationDate": version.creation_date.timestamp()}
        for _, version in sorted(machine.versions.items(), reverse=True)
    ]
    return json.dumps({"stateMachineVersions": told})
