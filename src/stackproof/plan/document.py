"""Reading a plan document that `terraform show -json` printed, now or in an earlier step of a pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stackproof.errors import PlanError

FORMAT_MAJOR = 1
"""The `format_version` read here; minor versions only add: https://developer.hashicorp.com/terraform/internals/json-format"""

HOW_TO_MAKE_ONE = "make one with: terraform plan -out=FILE && terraform show -json FILE > plan.json"


def read_document(file: Path) -> dict[str, Any]:
    """The plan document in a file; raises PlanError with the reason where there is none that can be read."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise PlanError(f"cannot be read: {error.strerror}", where=str(file), remedy="mend the path.") from None
    if raw.startswith(b"PK"):
        raise PlanError("is a plan file, not its JSON", where=str(file), remedy=HOW_TO_MAKE_ONE)
    return parse_document(raw, str(file))


def parse_document(raw: bytes | str, where: str) -> dict[str, Any]:
    """The plan document in a text; `where` names it in errors. Raises PlanError where it is none."""
    if not raw.strip():
        raise PlanError("is empty", where=where, remedy=HOW_TO_MAKE_ONE)
    try:
        # PowerShell's redirection writes a byte order mark or UTF-16; json detects both
        document = json.loads(raw)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        what = "is truncated" if _ends_early(error) else "is not JSON"
        raise PlanError(f"{what}: {error}", where=where, remedy=HOW_TO_MAKE_ONE) from None
    _check(document, where)
    return document  # type: ignore[no-any-return]


def _ends_early(error: Exception) -> bool:
    if not isinstance(error, json.JSONDecodeError) or error.msg == "Extra data":
        return False
    text = error.doc.rstrip()
    cut = error.pos >= len(text) or error.msg.startswith("Unterminated") or not text.endswith("}")
    return cut and text.lstrip().startswith("{")


def _check(document: object, where: str) -> None:
    if not isinstance(document, dict) or "format_version" not in document:
        raise PlanError("is not a Terraform plan", where=where, remedy=HOW_TO_MAKE_ONE)
    version = str(document["format_version"])
    if version.split(".")[0] not in ("0", str(FORMAT_MAJOR)):
        raise PlanError(
            f"has format version {version}, newer than {FORMAT_MAJOR}.x, which is read here",
            where=where,
            remedy="upgrade stackproof, or plan with an older Terraform.",
        )
    if "planned_values" not in document and "resource_changes" not in document:
        kind = "a state" if "values" in document else "something else"
        raise PlanError(f"holds {kind}, not a plan", where=where, remedy=HOW_TO_MAKE_ONE)
    if document.get("errored"):
        raise PlanError("is of a plan that failed, so it is not whole", where=where, remedy=HOW_TO_MAKE_ONE)
    if document.get("complete") is False:
        raise PlanError("covers a part of the stack only", where=where, remedy="plan without -target and -exclude.")
    shapes: dict[str, type] = {
        "resource_changes": list,
        "planned_values": dict,
        "output_changes": dict,
        "configuration": dict,
    }
    for key, shape in shapes.items():
        if not isinstance(document.get(key, shape()), shape):
            raise PlanError(f"{key} is not what a plan holds there", where=where, remedy=HOW_TO_MAKE_ONE)
