"""moto 5.2.5 knows not what most calls are about, and refuses all that a policy allows on certain resources alone.

Here a call whose resource moto does not know is judged by its action. Where it knows one, a bucket, a role or a queue,
a `?` of a pattern is any one character, and a `.` is a dot, which moto takes for parts of a regular expression:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import importlib
import re
from typing import Any

SERVICE = "iam"
UNKNOWN = "*"


def install() -> None:
    """Let a statement that allows something allow it on what is not known."""
    statement: Any = importlib.import_module("moto.iam.access_control").IAMPolicyStatement
    matches = statement._check_element_matches  # noqa: SLF001

    def check_element_matches(self: Any, element: str, value: str) -> bool:  # noqa: ANN401
        if element == "Resource" and value == UNKNOWN and self._statement["Effect"] == "Allow":
            return True
        return bool(matches(self, element, value))

    def match(pattern: str, text: str) -> re.Match[str] | None:
        signs = ({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in pattern)
        return re.fullmatch("".join(signs), text, re.DOTALL)

    statement._check_element_matches = check_element_matches  # noqa: SLF001
    statement._match = staticmethod(match)  # noqa: SLF001
