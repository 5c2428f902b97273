"""What of a request or an answer is never kept: values that are secret, or data that may hold one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.model import Shape  # type: ignore[import-untyped]

_NAMES = re.compile(
    r"password|passphrase|secret_?(string|binary|value|access|key|token)|private_?key|auth_?token|session_?token"
    r"|credential|user_?data|environment_?variables|^items?$|plaintext|^message(_?body)?$",
    re.IGNORECASE,
)
"""Members that hold a secret, or what people put theirs in; models do not mark all of them."""

_IDENTIFIERS = re.compile(r"(Arn|Id|Name)s?$", re.IGNORECASE)
"""Members that only say where a secret is."""

_VARIABLES = "environment"
"""What holds variables of a process; as a text, it is the name of a stage."""

_SHAPES = frozenset({"AttributeValue"})
"""Data of tables: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html"""


def kept(name: str, shape: Shape) -> bool:
    """Whether a member's value may be kept; blobs are contents, which nobody identifies anything by."""
    if shape.type_name == "blob" or shape.metadata.get("sensitive") or shape.name in _SHAPES:
        return False
    if shape.type_name in ("boolean", "integer", "long", "timestamp"):
        return True
    if name.lower() == _VARIABLES and shape.type_name != "string":
        return False
    return not _NAMES.search(name) or _IDENTIFIERS.search(name) is not None
