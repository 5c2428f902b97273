"""moto 5.2.5 checks the signature of a call without a body as if what it read from the path had been the body.

It refuses calls such as API Gateway's DeleteRestApi. An empty body is signed as such:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import importlib
from typing import Any

SERVICE = "iam"
_FORM = "application/x-www-form-urlencoded"


def install() -> None:
    """Take what was read for a body of forms alone: moto has no other text of them."""
    control: Any = importlib.import_module("moto.iam.access_control")
    create = control.IAMRequestBase._create_aws_request  # noqa: SLF001

    def create_aws_request(self: Any) -> Any:  # noqa: ANN401
        read = self._data
        if _FORM not in self._headers.get("Content-Type", ""):
            self._data = {}
        try:
            return create(self)
        finally:
            self._data = read

    control.IAMRequestBase._create_aws_request = create_aws_request  # noqa: SLF001
