"""moto 5.2.5 asks for permission under names of its own, and takes many calls on buckets for others.

It asks for `monitoring:PutMetricAlarm`, and for `s3:CreateBucket` where a bucket's encryption is set. Here a call needs
the actions that AWS asks for, those for tags and for roles that it passes included:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import importlib
from typing import Any
from urllib.parse import urlencode

from stackproof.sandbox.deployer.catalog import resource_types
from stackproof.sandbox.deployer.policy import settled_needs

SERVICE = "iam"
NOT_ASKED = "iam:CreateServiceLinkedRole"
"""An account may have the role already, as emulated ones do."""


def install() -> None:
    """Ask for AWS's actions instead of moto's one."""
    control: Any = importlib.import_module("moto.iam.access_control")
    permitted = control.IAMRequestBase.check_action_permitted

    def check_action_permitted(self: Any, resource: str) -> None:  # noqa: ANN401
        for action in _actions(self) or (self._action,):
            self._action = action
            permitted(self, resource if _knows(action, resource) else "*")

    control.IAMRequestBase.check_action_permitted = check_action_permitted


def _actions(asked: Any) -> tuple[str, ...]:  # noqa: ANN401
    """The actions of a request, its own first; () where they are not known."""
    from stackproof.sandbox.api import requests
    from stackproof.sandbox.api.calls import Call
    from stackproof.sandbox.api.wire import HttpRequest

    headers = {name.lower(): value for name, value in asked._headers.items()}  # noqa: SLF001
    request = requests.read(HttpRequest(asked._method, asked._path, headers, _body(asked)))  # noqa: SLF001
    call = Call(request.service, request.action, request.region, parameters=request.parameters)
    needed = dict.fromkeys(need.action for _, need in settled_needs([call]))
    return tuple(action for action in needed if action != NOT_ASKED)


def _knows(action: str, resource: str) -> bool:
    """Whether an action is limited to such resources: moto tells of a role also where a profile is what counts."""
    kind = "role" if ":role/" in resource else resource.split(":")[2] if resource.startswith("arn:") else ""
    return action.startswith(f"{kind}:") or any(known.name == kind for known in resource_types(action))


def _body(asked: Any) -> bytes:  # noqa: ANN401
    """The body; of a form, moto keeps what it read alone."""
    body = asked._body or urlencode(asked._data, doseq=True)  # noqa: SLF001
    return body if isinstance(body, bytes) else str(body).encode()
