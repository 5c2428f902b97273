"""A policy as files: IAM's JSON, or data sources of Terraform."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stackproof.errors import SandboxError
from stackproof.sandbox.deployer.policy import DeployerPolicy

FORMATS = ("json", "hcl")


def as_texts(policy: DeployerPolicy, form: str) -> tuple[str, ...]:
    """The texts of the files that a policy takes: one a document as JSON, one for all of them as HCL."""
    if form == "hcl":
        several = len(policy.documents) > 1
        blocks = [
            _data_source(f"deployer_{number}" if several else "deployer", document)
            for number, document in enumerate(policy.documents, 1)
        ]
        return ("\n".join(blocks),)
    return tuple(f"{json.dumps(document, indent=2)}\n" for document in policy.documents)


def save(policy: DeployerPolicy, file: Path, form: str) -> tuple[Path, ...]:
    """Write a policy, all of it or nothing; gives the files, which are numbered where there are several.

    Raises SandboxError where that cannot be done.
    """
    texts = as_texts(policy, form)
    names = [file.with_stem(f"{file.stem}-{number}") for number in range(1, len(texts) + 1)] if texts[1:] else [file]
    parts = [name.with_name(f".{name.name}.part") for name in names]
    try:
        for part, text in zip(parts, texts, strict=True):
            part.write_text(text, encoding="utf-8")
        for part, name in zip(parts, names, strict=True):
            part.replace(name)
    except OSError as error:
        for part in parts:
            part.unlink(missing_ok=True)
        raise SandboxError(f"the policy cannot be written: {error.strerror}", where=str(file)) from None
    return tuple(names)


def _data_source(name: str, document: Mapping[str, Any]) -> str:
    """https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document."""
    statements = "\n".join(_block(statement) for statement in document["Statement"])
    return f'data "aws_iam_policy_document" "{name}" {{\n{statements}}}\n'


def _block(statement: Mapping[str, Any]) -> str:
    lines = [
        "  statement {",
        f"    sid       = {_quoted(statement['Sid'])}",
        f"    actions   = {_listed(statement['Action'])}",
        f"    resources = {_listed(statement['Resource'])}",
    ]
    for operator, tests in statement.get("Condition", {}).items():
        for key, values in tests.items():
            lines += [
                "",
                "    condition {",
                f"      test     = {_quoted(operator)}",
                f"      variable = {_quoted(key)}",
                f"      values   = {_listed(values)}",
                "    }",
            ]
    return "\n".join([*lines, "  }\n"])


def _listed(values: list[str]) -> str:
    return f"[{', '.join(map(_quoted, values))}]"


def _quoted(text: str) -> str:
    # Terraform would take `${` for a template; in this data source, `&{` is what IAM reads as `${`
    return json.dumps(text.replace("${", "&{").replace("%{", "%%{"))
