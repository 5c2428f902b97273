"""moto 5.2.5 cannot validate the definition of a state machine, which the provider asks for before it makes one.

It is answered as far as its form goes; what each state does is not looked at.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
"""

from __future__ import annotations

import importlib
import json
from typing import Any

SERVICE = "stepfunctions"


def install() -> None:
    """Say whether a definition is JSON that starts at one of its states."""
    responses: Any = importlib.import_module("moto.stepfunctions.responses").StepFunctionResponse
    responses.validate_state_machine_definition = _validate


def _validate(self: Any) -> str:  # noqa: ANN401
    wrong = _wrong(self._get_param("definition"))
    found = [] if wrong is None else [{"severity": "ERROR", "code": wrong[0], "message": wrong[1]}]
    return json.dumps({"result": "FAIL" if found else "OK", "diagnostics": found})


def _wrong(definition: str) -> tuple[str, str] | None:
    try:
        machine = json.loads(definition)
    except ValueError as error:
        return "INVALID_JSON_DESCRIPTION", str(error)
    states = machine.get("States") if isinstance(machine, dict) else None
    if not isinstance(states, dict) or machine.get("StartAt") not in states:
        return "SCHEMA_VALIDATION_FAILED", "StartAt has to name one of the States."
    return None
