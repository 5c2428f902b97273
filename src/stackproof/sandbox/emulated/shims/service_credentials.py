"""moto 5.2.5 knows no service-specific credentials of an IAM user, and does not even list that there are none.

The provider asks for them before it deletes a user with `force_destroy`.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html
"""

from __future__ import annotations

import importlib
from typing import Any

SERVICE = "iam"


def install() -> None:
    """List none."""
    responses: Any = importlib.import_module("moto.iam.responses").IamResponse
    responses.list_service_specific_credentials = _list_service_specific_credentials


def _list_service_specific_credentials(self: Any) -> Any:  # noqa: ANN401
    from moto.core.responses import ActionResult

    user = self._get_param("UserName")
    if user:
        self.backend.get_user(user)  # raises where there is no such user
    return ActionResult({"ServiceSpecificCredentials": []})
